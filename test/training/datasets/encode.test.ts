import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src-main/training/datasets/dataset.ts';
import { encodeRows, readNewRows } from '../../../src-main/training/datasets/encode.ts';
import { prepareDataset, readForSpec } from '../../../src-main/training/datasets/prepare-table.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';
import { parseSpec } from '../../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../../src-main/training/spec.ts';
import { TableError } from '../../../src-main/training/errors.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

const trained = [
  'size,colour,grade,when,smoker,y',
  '1,red,low,2024-01-01,yes,u',
  '2,blue,high,2024-06-15,no,v',
  '4,red,mid,2024-12-31,no,u',
  ',,,,,v',
  '3,red,low,2025-03-01,yes,u',
];

function prepare(
  lines: readonly string[],
  input: Partial<NetworkStudySpecInput['data']> = {},
): Dataset {
  const { data } = parseSpec({
    name: 'x',
    data: {
      table: 'x.csv',
      task: 'classification',
      target: 'y',
      ordinal: { grade: ['low', 'mid', 'high'] },
      dates: { when: {} },
      missing: 'ownCategory',
      split: { rows: { train: [0, 1, 2, 3], validation: [4] } },
      ...input,
    },
    network: { width: [4] },
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 1 },
  });
  const source = bytesSource(Buffer.from(`${lines.join('\n')}\n`), 'x.csv');
  return prepareDataset(readForSpec(source, data), data, tmpdir());
}

function encodeNew({ encodings }: Dataset, text: string): number[] {
  const path = join(temporaryFolder(), 'new.csv');
  writeFileSync(path, text);
  const { columns } = readNewRows(encodings, path, {});
  return [...encodeRows(encodings, columns, { source: 'new.csv' })];
}

describe('encodeRows', () => {
  const dataset = prepare(trained);

  it('does to new rows what was done to those that were trained with', () => {
    const features = encodeNew(
      dataset,
      // In another order, without what is to be predicted, and with something else.
      'when;smoker;other;grade;colour;size\n2024-01-01;yes;a;low;red;1\n;;b;;;\n2025-03-01;yes;c;low;red;3\n',
    );
    const { nFeatures, train, validation } = dataset;
    const [first, , , fourth] = Array.from({ length: 4 }, (_, i) => [
      ...train.features.subarray(i * nFeatures, (i + 1) * nFeatures),
    ]) as [number[], number[], number[], number[]];
    expect(features).toEqual([...first, ...fourth, ...validation.features]);
  });

  it('gives a category that it has not seen no place, or that of the rare ones', () => {
    const spec = { ignore: ['size', 'grade', 'when', 'smoker'], ordinal: {}, dates: {} };
    const known = prepare(trained, spec);
    expect(encodeNew(known, 'colour\ngreen\nred\n')).toEqual([0, 0, 0, 0, 0, 1]);
    const rare = prepare(trained, { ...spec, rareCategories: 2 });
    expect(encodeNew(rare, 'colour\ngreen\nred\n')).toEqual([0, 1, 1, 0]);
  });

  it('has two features of the parts of dates that go round, and one of the year', () => {
    const [when] = dataset.encodings.filter(({ type }) => type === 'date');
    expect(when).toMatchObject({
      parts: [
        { part: 'month', isCyclic: true, fill: [expect.any(Number), expect.any(Number)] },
        { part: 'day', isCyclic: true },
        { part: 'weekday', isCyclic: true },
      ],
      flagsMissing: true,
    });
    const parts = ['year', 'month', 'hour'] as const;
    const data = prepare(trained, {
      ignore: ['size', 'colour', 'grade', 'smoker'],
      ordinal: {},
      dates: { when: { parts: [...parts] } },
      scaling: { method: 'none' },
      missing: 'mean',
    });
    expect([...data.validation.features]).toEqual(
      [2025, Math.sin(Math.PI / 3), Math.cos(Math.PI / 3), 0, 1].map(Math.fround),
    );
    const plain = prepare(trained, {
      ignore: ['size', 'colour', 'grade', 'smoker'],
      ordinal: {},
      dates: { when: { parts: [...parts], cyclic: false } },
      scaling: { method: 'none' },
      missing: 'mean',
    });
    expect([...plain.validation.features]).toEqual([2025, 2, 0]);
    expect([...plain.train.features].slice(-3)).toEqual([2024, Math.fround(16 / 3), 0]);
  });

  it('makes one feature of yes and no', () => {
    expect(dataset.encodings.at(-1)).toEqual({
      column: 'smoker',
      type: 'number',
      center: 0,
      scale: 1,
      order: ['no', 'yes'],
      fill: 0,
      flagsMissing: true,
    });
    const { encodings } = prepare(trained, { categories: ['smoker'] });
    expect(encodings.at(-1)).toMatchObject({ type: 'category', values: ['', 'no', 'yes'] });
  });

  const row = { size: '1', colour: 'red', grade: 'low', when: '2024-01-01', smoker: 'yes' };
  const write = (change: Partial<typeof row>): string => {
    const changed = { ...row, ...change };
    return [row, row, changed]
      .map((one) => Object.values(one).join(','))
      .toSpliced(0, 0, Object.keys(row).join(','))
      .join('\n');
  };

  it.each<[Partial<typeof row>, string]>([
    [{ size: 'big' }, 'new.csv: row 2, column "size" must be a number, but is "big". Correct'],
    [{ grade: 'top' }, 'new.csv: row 2, column "grade" has "top", which is not among its values'],
    [{ smoker: 'maybe' }, 'new.csv: row 2, column "smoker" has "maybe", which is not among its'],
    [{ when: '1/2/2024' }, 'new.csv: row 2, column "when" must be a date such as 2024-12-31'],
    [{ size: '1e300' }, 'new.csv: row 2, column "size" has 1e+300, which is too large'],
  ])('refuses %j', (change, message) => {
    expect(() => encodeNew(dataset, write(change))).toThrow(TableError);
    expect(() => encodeNew(dataset, write(change))).toThrow(message);
  });

  it('refuses empty cells where training rows had none, and tables without a column', () => {
    const whole = prepare(trained.toSpliced(4, 1, trained[1] as string), { missing: 'error' });
    expect(() => encodeNew(whole, write({ size: '' }))).toThrow(
      'new.csv: row 2, column "size" has no value, and no rule for that was learned from the training rows.',
    );
    expect(() => encodeNew(whole, 'size\n1\n')).toThrow(
      'new.csv must have all columns that the network was trained with, but has no "colour". Its columns are size.',
    );
  });
});
