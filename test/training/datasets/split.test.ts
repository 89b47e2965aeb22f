import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src-main/training/datasets/dataset.ts';
import { dataOfFold } from '../../../src-main/training/datasets/folds.ts';
import { prepareDataset, readForSpec } from '../../../src-main/training/datasets/prepare-table.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';
import { parseSpec } from '../../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../../src-main/training/spec.ts';

type DataInput = NetworkStudySpecInput['data'];

function split(rows: readonly string[], input: Partial<DataInput>): Dataset {
  const { data } = parseSpec({
    name: 'x',
    data: {
      table: 'x.csv',
      task: 'classification',
      target: 'y',
      split: { folds: 5 },
      format: { hasHeader: true, delimiter: ',' },
      ...input,
    },
    network: { width: [4] },
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 1 },
  });
  const source = bytesSource(Buffer.from(`a,b,y\n${rows.join('\n')}\n`), 'x.csv');
  return prepareDataset(readForSpec(source, data), data, tmpdir());
}

function sorted(rows: Iterable<number>): number[] {
  return [...rows].sort((a, b) => a - b);
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** 100 rows: every tenth is rare, ten groups of ten rows, b goes down. */
const table = range(100).map((i) => `${i},${100 - i},${i % 10 === 0 ? 'rare' : 'common'}`);
const grouped = range(100).map(
  (i) => `${i},g${Math.floor(i / 10)},${i % 2 === 0 ? 'even' : 'odd'}`,
);

describe('folds', () => {
  it('use every development row once for validation, with the share of each class', () => {
    const { folds, rows } = split(table, { split: { folds: 5, test: 0.2 } });
    const development = sorted([...rows.train, ...rows.validation]);
    expect(rows.test).toHaveLength(20);
    expect(sorted([...development, ...rows.test])).toEqual(range(100));
    expect(folds?.folds).toHaveLength(5);
    const validated: number[] = [];
    for (const { train, validation, classes } of folds?.folds ?? []) {
      validated.push(...validation);
      expect(sorted([...train, ...validation])).toEqual(range(80));
      expect(validation).toHaveLength(16);
      const nRare = [...validation].filter((place) => (development[place] as number) % 10 === 0);
      expect(nRare.length).toBeGreaterThanOrEqual(1);
      expect(nRare.length).toBeLessThanOrEqual(2);
      expect(classes?.reduce((sum, { nTrainRows }) => sum + nTrainRows, 0)).toBe(64);
    }
    expect(sorted(validated)).toEqual(range(80));
  });

  it('deal the rows out anew for every repeat, the same way for the same seed', () => {
    const once = split(table, { split: { folds: 2, repeats: 3, test: 0.1, seed: 4 } });
    const again = split(table, { split: { folds: 2, repeats: 3, test: 0.1, seed: 4 } });
    const folds = once.folds?.folds ?? [];
    expect(folds).toHaveLength(6);
    expect(again.folds).toEqual(once.folds);
    expect(folds[0]?.validation).not.toEqual(folds[2]?.validation);
    expect(sorted([...(folds[2]?.validation ?? []), ...(folds[3]?.validation ?? [])])).toEqual(
      range(90),
    );
  });

  it('are encoded by what their own training rows have', () => {
    const dataset = split(table, { split: { folds: 4, test: 0 }, target: 'y' });
    const centers = dataset.folds?.folds.map(({ encodings: [first] }) =>
      first?.type === 'number' ? first.center : NaN,
    );
    expect(new Set(centers).size).toBe(4);
    for (const fold of range(4)) {
      const { train, nFeatures } = dataOfFold(dataset, fold);
      const a = range(train.nRows).map((i) => train.features[i * nFeatures] as number);
      expect(a.reduce((sum, value) => sum + value, 0) / a.length).toBeCloseTo(0, 5);
    }
    const { train, validation } = dataOfFold(dataset, 0);
    expect(train).toEqual(dataset.train);
    expect(validation).toEqual(dataset.validation);
  });

  it('keep groups whole', () => {
    const dataset = split(grouped, { split: { folds: 4, test: 0.2, group: 'b' } });
    const { folds, rows, encodings } = dataset;
    expect(encodings.map(({ column }) => column)).toEqual(['a']);
    expect(rows.test).toHaveLength(20);
    const development = sorted([...rows.train, ...rows.validation]);
    const groupsOf = (places: Int32Array): Set<number> =>
      new Set([...places].map((place) => Math.floor((development[place] as number) / 10)));
    for (const { train, validation } of folds?.folds ?? []) {
      expect(validation).toHaveLength(20);
      expect([...groupsOf(train)].filter((group) => groupsOf(validation).has(group))).toEqual([]);
    }
  });

  it('refuse more folds than there are groups, and classes that a fold does not train with', () => {
    expect(() => split(grouped, { split: { folds: 11, test: 0, group: 'b' } })).toThrow(
      'must leave a row or a group to each of 11 folds, but there are 100 rows of 100 in too few groups of "b". Set `data.split.folds` lower.',
    );
    expect(() => split([...table, '1,2,single'], { split: { folds: 5, test: 0 } })).toThrow(
      'x.csv: no training row of one of the folds has the class "single" of column "y". Use a stratified split, or leave the class out of the table, or have fewer folds.',
    );
  });
});

describe('groups', () => {
  it('stay whole in fractions', () => {
    const fractions = { train: 0.6, validation: 0.2, test: 0.2 };
    const { rows } = split(grouped, { split: { fractions, group: 'b' } });
    const parts = [rows.train, rows.validation, rows.test];
    expect(parts.map((part) => part.length)).toEqual([60, 20, 20]);
    const groups = parts.map((part) => new Set([...part].map((row) => Math.floor(row / 10))));
    expect(groups.map(({ size }) => size)).toEqual([6, 2, 2]);
  });

  it('must be known of every row', () => {
    const rows = grouped.with(7, '7,,odd');
    expect(() => split(rows, { split: { folds: 3, group: 'b' } })).toThrow(
      'x.csv: row 7, column "b" must say which group the row belongs to, but has no value. Fill it in.',
    );
  });
});

describe('time', () => {
  const fractions = { train: 0.5, validation: 0.3, test: 0.2 };

  it('trains with the first rows and tests with the last, and is no feature', () => {
    const { rows, encodings } = split(table, { split: { time: 'b', fractions } });
    expect(sorted(rows.train)).toEqual(range(100).slice(50));
    expect(sorted(rows.validation)).toEqual(range(100).slice(20, 50));
    expect(sorted(rows.test)).toEqual(range(20));
    expect(encodings.map(({ column }) => column)).toEqual(['a']);
  });

  it('takes dates, also as a feature, and keeps what happened at once together', () => {
    const dates = range(100).map(
      (i) => `${i},2024-01-${String(1 + Math.floor(i / 8)).padStart(2, '0')},${i % 2 ? 'u' : 'v'}`,
    );
    const dataset = split(dates, { split: { time: 'b', fractions }, dates: { b: {} } });
    const { rows } = dataset;
    expect([rows.train.length, rows.validation.length, rows.test.length]).toEqual([56, 24, 20]);
    expect(dataset.encodings.map(({ column }) => column)).toEqual(['a', 'b']);
  });

  it('must be known of every row', () => {
    expect(() => split(table.with(3, '3,,common'), { split: { time: 'b', fractions } })).toThrow(
      'x.csv: row 3, column "b" must say when the row was, but has no value. Fill it in.',
    );
  });
});
