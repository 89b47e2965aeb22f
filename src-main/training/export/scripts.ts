import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { targetsOf } from '../data-targets.ts';
import { weightInfos } from '../plan.ts';
import type { TableFormat } from '../datasets/table-format.ts';
import { resourcesDir } from '../resources.ts';
import type { SavedModel } from '../saved-model.ts';
import { floatBytes } from './float-bytes.ts';

/** How the table was written that the networks learned from: new rows will mostly come written so, too. */
export type WrittenAs = Partial<Pick<TableFormat, 'decimal' | 'thousands' | 'encoding'>>;

/** A program for Node without dependencies that reads a CSV file and prints predictions. */
export function nodeScript(models: readonly SavedModel[], table: WrittenAs): string {
  return fill('predict.mjs', models, JSON.stringify(describe(models, table)));
}

/** The same for Python with PyTorch. */
export function pytorchScript(models: readonly SavedModel[], table: WrittenAs): string {
  // JSON in JSON: a string that Python reads as JavaScript would.
  return fill('predict.py', models, JSON.stringify(JSON.stringify(describe(models, table))));
}

/** What the scripts know: how cells become features, the networks with their weights, and how outputs become answers. */
function describe(
  models: readonly SavedModel[],
  { decimal = '.', thousands = 'none', encoding = 'utf-8' }: WrittenAs,
): object {
  const [first] = models as [SavedModel];
  const { classes, targetScales, encodings } = first;
  return {
    table: { decimal, thousands, encoding },
    targets: targetsOf(first),
    classes,
    targetScales,
    encodings,
    members: models.map(({ network, weights }) => {
      const infos = weightInfos(network).map(({ part, layer, role, shape }, i) => ({
        name: `${part}.${layer}.${role}`,
        shape,
        base64: Buffer.from(floatBytes(weights[i] as Float32Array)).toString('base64'),
      }));
      const { embeddings, convolution, layers } = network;
      return {
        embeddings,
        convolution,
        layers,
        shapes: Object.fromEntries(infos.map(({ name, shape }) => [name, shape])),
        weights: Object.fromEntries(infos.map(({ name, base64 }) => [name, base64])),
      };
    }),
  };
}

function fill(template: string, models: readonly SavedModel[], model: string): string {
  const [first] = models as [SavedModel];
  const columns = first.encodings.map(({ column }) => plainWords(column)).join(', ');
  const targets = targetsOf(first).map(plainWords).join(', ');
  return (
    readFileSync(join(resourcesDir(), 'export', template), 'utf8')
      .replace('__TARGET__', () => targets)
      .replace('__COLUMNS__', () => columns)
      // In both languages these end a line.
      .replace('__MODEL__', () =>
        model.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
      )
  );
}

/** A name that can stand in a comment of any language, and ends none. */
function plainWords(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N} _().,:%-]/gu, ' ');
}
