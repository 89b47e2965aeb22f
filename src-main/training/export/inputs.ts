import { targetsOf } from '../data-targets.ts';
import type { DatePartEncoding } from '../datasets/dataset.ts';
import { datePeriods } from '../datasets/dates.ts';
import type { DatePart } from '../datasets/dates.ts';
import { widthOf } from '../datasets/encode.ts';
import type { SavedModel } from '../saved-model.ts';
import type { Task } from '../vocabulary.ts';

/** An input of an exported network. */
interface InputDescription {
  readonly column: string;
  /** The number as it stands in the table, or the place of its value in `order`, counted from 0; 0/1 for being of a category, or having no value; a part of a date. */
  readonly kind: 'number' | 'category' | 'missing' | 'datePart';
  /** Of a category; null: all that are not named. */
  readonly category?: string | null;
  readonly order?: readonly string[] | null;
  /** Of a part of a date: what JavaScript and Python compute alike of it, where they know `sin`, `cos` and `pi`. */
  readonly formula?: string;
  /** What a name in `formula` stands for, where that is not plain. */
  readonly where?: string;
  /** What an empty cell counts as; null: there may be none. */
  readonly fill?: number | string | null;
}

function describeInputs({ encodings }: SavedModel): InputDescription[] {
  return encodings.flatMap((encoding): InputDescription[] => {
    const { column } = encoding;
    switch (encoding.type) {
      case 'number':
        return [
          { column, kind: 'number', order: encoding.order, fill: encoding.fill },
          ...(encoding.flagsMissing ? [{ column, kind: 'missing' as const }] : []),
        ];
      case 'category':
        return [
          ...encoding.values.map((category) => ({
            column,
            kind: 'category' as const,
            category,
            fill: encoding.fill,
          })),
          ...(encoding.hasOthers ? [{ column, kind: 'category' as const, category: null }] : []),
        ];
      case 'date':
        return [
          ...encoding.parts.flatMap((part) =>
            formulasOf(part).map((formula, i) => ({
              column,
              kind: 'datePart' as const,
              formula,
              ...(namesOfParts[part.part].where && { where: namesOfParts[part.part].where }),
              fill: encoding.allowsMissing
                ? (part.fill[i] as number) * part.scale + part.center
                : null,
            })),
          ),
          ...(encoding.flagsMissing ? [{ column, kind: 'missing' as const }] : []),
        ];
    }
  });
}

/** Parts of dates as calendars count them. */
const namesOfParts: Record<DatePart, { readonly formula: string; readonly where?: string }> = {
  year: { formula: 'year' },
  month: { formula: '(month - 1)' },
  day: { formula: '(day - 1)' },
  weekday: { formula: 'weekday', where: 'weekday: 0 for Monday to 6 for Sunday' },
  hour: { formula: 'hour', where: 'hour: 0 to 24, with minutes as decimals' },
};

function formulasOf({ part, isCyclic }: DatePartEncoding): string[] {
  const { formula } = namesOfParts[part];
  if (!isCyclic) return [formula];
  return ['sin', 'cos'].map((wave) => `${wave}(2 * pi * ${formula} / ${datePeriods[part]})`);
}

/** What goes in and what comes out, for those who call an exported network from a program of their own. */
export function describeModel(models: readonly SavedModel[]): {
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly string[];
  readonly task: Task;
} {
  const [first] = models as [SavedModel];
  return {
    inputs: describeInputs(first),
    outputs: first.classes ?? targetsOf(first),
    task: first.task,
  };
}

/** What each input is scaled by: (input - center) / scale. Inputs that are 0 or 1, sines and cosines stay. */
export function inputScales({ encodings, network }: SavedModel): {
  centers: Float32Array;
  scales: Float32Array;
} {
  const centers = new Float32Array(network.nInputs);
  const scales = new Float32Array(network.nInputs).fill(1);
  let at = 0;
  for (const encoding of encodings) {
    if (encoding.type === 'number') {
      centers[at] = encoding.center;
      scales[at] = encoding.scale;
    }
    if (encoding.type === 'date') {
      let partAt = at;
      for (const { center, scale, fill } of encoding.parts) {
        // Those of sines and cosines are 0 and 1.
        centers.fill(center, partAt, partAt + fill.length);
        scales.fill(scale, partAt, partAt + fill.length);
        partAt += fill.length;
      }
    }
    at += widthOf(encoding);
  }
  return { centers, scales };
}
