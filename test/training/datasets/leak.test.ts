/** Nothing that training sees may depend on rows that it does not train on: their cells are changed wildly, and everything must stay as it was. */
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { Dataset, TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { countFolds, dataOfFold } from '../../../src-main/training/datasets/folds.ts';
import { prepareDataset, readForSpec } from '../../../src-main/training/datasets/prepare-table.ts';
import type { PrepareOptions } from '../../../src-main/training/datasets/prepare-table.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';
import { fusedDenseFactory } from '../../../src-main/training/models/fused-dense.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import { parseSpec } from '../../../src-main/training/spec.ts';
import type {
  DataSpec,
  NetworkStudySpec,
  NetworkStudySpecInput,
} from '../../../src-main/training/spec.ts';
import { suggestPlan } from '../../../src-main/training/suggest-plan.ts';
import { RecordingTrial } from '../helpers/recording-trial.ts';

type Task = 'classification' | 'regression';
/** number, categories, values in order, date, yes or no, group, time, class, two numbers to predict */
type Row = [string, string, string, string, string, string, string, string, string, string];
const header = 'number,colour,grade,when,smoker,patient,at,label,first,second';
const N_ROWS = 40;

const number = fc.oneof(
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).map(String),
  fc.constantFrom('0', '-1e12', '1e12'),
);
const date = fc
  .date({ min: new Date('1950-01-01'), max: new Date('2050-01-01'), noInvalidDate: true })
  .map((value) => value.toISOString().slice(0, 19));
const sometimesEmpty = (cell: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(cell, { nil: '', freq: 6 });

/** What a row may hold; `isWild`: also what no training row has. */
function rowOf(i: number, isWild: boolean): fc.Arbitrary<Row> {
  const colours = ['red', 'blue', 'green', ...(isWild ? ['pink', 'grey', 'x,"y"'] : [])];
  return fc.tuple(
    sometimesEmpty(isWild ? number : fc.integer({ min: 0, max: 9 }).map(String)),
    sometimesEmpty(fc.constantFrom(...colours)),
    sometimesEmpty(fc.constantFrom('low', 'mid', 'high')),
    sometimesEmpty(isWild ? date : fc.constantFrom('2024-01-01', '2024-06-15', '2025-02-03')),
    sometimesEmpty(fc.constantFrom('yes', 'no')),
    fc.constant(`p${i % 8}`),
    fc.constant(String(i)),
    fc.constant(i % 3 === 0 ? 'rare' : 'common'),
    isWild ? number : fc.integer({ min: 0, max: 99 }).map(String),
    isWild ? number : fc.integer({ min: 0, max: 99 }).map(String),
  );
}

function specOf(task: Task, data: Partial<NetworkStudySpecInput['data']>): NetworkStudySpec {
  return parseSpec({
    name: 'leak',
    data: {
      table: 'x.csv',
      task,
      target: task === 'classification' ? 'label' : ['first', 'second'],
      ignore: [
        ...(task === 'classification' ? ['first', 'second'] : ['label']),
        ...(data.split && 'group' in data.split ? [] : ['patient']),
        ...(data.split && 'time' in data.split ? [] : ['at']),
      ],
      ordinal: { grade: ['low', 'mid', 'high'] },
      dates: { when: {} },
      format: { delimiter: ',', hasHeader: true },
      split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      ...data,
    },
    network: { width: [3] },
    training: {
      optimizer: { type: 'adam', learningRate: 0.01 },
      epochs: 1,
      ...(task === 'classification' && {
        loss: { type: 'crossEntropy', classWeights: 'balanced' },
      }),
    },
  });
}

function prepare(spec: NetworkStudySpec, rows: readonly Row[], options?: PrepareOptions): Dataset {
  const lines = rows.map((row) =>
    row.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(','),
  );
  const source = bytesSource(Buffer.from([header, ...lines].join('\n')), 'x.csv');
  return prepareDataset(readForSpec(source, spec.data), spec.data, tmpdir(), options);
}

/** What comes of one epoch of training; that of the validation rows may differ. */
async function learned(spec: NetworkStudySpec, data: TrainingData): Promise<unknown> {
  const plan = await suggestPlan(new RecordingTrial(), spec, data);
  const model = fusedDenseFactory.create({
    plan,
    data,
    weights: initialWeights(plan.network, createRng('leak')),
    dropoutSeed: 1,
  });
  const order = Int32Array.from({ length: data.train.nRows }, (_, i) => i);
  const { train } = model.runEpoch(0, order, 0.01);
  const weights = model.getWeights();
  model.dispose();
  return { plan, train, weights };
}

/** All of the data but the validation rows. */
function seen({
  task,
  nFeatures,
  nOutputs,
  classes,
  targetScales,
  categories,
  train,
}: TrainingData): unknown {
  return { task, nFeatures, nOutputs, classes, targetScales, categories, train };
}

const fractions = { train: 0.6, validation: 0.2, test: 0.2 };
const splits: NetworkStudySpecInput['data']['split'][] = [
  { fractions },
  { fractions, group: 'patient' },
  { time: 'at', fractions },
  { folds: 4, test: 0.2 },
  { folds: 3, repeats: 2, test: 0.2, group: 'patient' },
];

const settings = fc.record({
  task: fc.constantFrom<Task>('classification', 'regression'),
  split: fc.constantFrom(...splits),
  missing: fc.constantFrom('mean', 'median', 'mode', 'ownCategory' as const),
  scaling: fc.constantFrom('standard', 'minMax', 'robust', 'none' as const),
  rareCategories: fc.constantFrom(1, 3),
  columns: fc.constantFrom<DataSpec['columns']>(
    {},
    {
      number: { missing: 'ownCategory', scaling: 'robust' },
      colour: { missing: 'mode' },
      when: { missing: 'mean', scaling: 'minMax' },
    },
  ),
});

const tables = fc.tuple(
  ...Array.from({ length: N_ROWS }, (_, i) => fc.tuple(rowOf(i, false), rowOf(i, true))),
);

describe('training', () => {
  it('sees nothing of rows that it does not train on', async () => {
    await fc.assert(
      fc.asyncProperty(settings, tables, async ({ task, scaling, ...data }, rows) => {
        const spec = specOf(task, { ...data, scaling: { method: scaling } });
        const calm = rows.map(([row]) => row);
        const before = prepare(spec, calm);
        const everywhere = new Set([...before.rows.train, ...before.rows.validation]);
        const development = [...everywhere].sort((a, b) => a - b);
        for (let fold = 0; fold < countFolds(before); fold++) {
          const trainRows = new Set(
            before.folds
              ? Array.from(before.folds.folds[fold]?.train ?? [], (place) => development[place])
              : before.rows.train,
          );
          expect(trainRows.size).toBeLessThan(N_ROWS);
          const after = prepare(
            spec,
            rows.map(([row, wild], i) => (trainRows.has(i) ? row : wild)),
          );
          const [one, other] = [before, after].map((dataset) => dataOfFold(dataset, fold)) as [
            TrainingData,
            TrainingData,
          ];
          expect(seen(other)).toEqual(seen(one));
          expect(other.validation).not.toEqual(one.validation);
          expect(await learned(spec, other)).toEqual(await learned(spec, one));
          if (fold === 0) expect(after.encodings).toEqual(before.encodings);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('on the validation rows too still sees nothing of the test rows', async () => {
    await fc.assert(
      fc.asyncProperty(settings, tables, async ({ task, scaling, ...data }, rows) => {
        const spec = specOf(task, { ...data, scaling: { method: scaling } });
        const onAll = { rows: 'trainAndValidation' } as const;
        const before = prepare(
          spec,
          rows.map(([row]) => row),
          onAll,
        );
        const isTest = new Set(before.rows.test);
        const after = prepare(
          spec,
          rows.map(([row, wild], i) => (isTest.has(i) ? wild : row)),
          onAll,
        );
        expect(before.train.nRows).toBe(N_ROWS - isTest.size);
        expect(after.folds).toBeUndefined();
        expect(after.encodings).toEqual(before.encodings);
        expect(seen(after)).toEqual(seen(before));
        expect(await learned(spec, after)).toEqual(await learned(spec, before));
      }),
      { numRuns: 20 },
    );
  });

  it('would be found out: with `fit: all` it sees them', async () => {
    const rows = fc.sample(tables, { numRuns: 1, seed: 1 })[0] as [Row, Row][];
    const spec = specOf('regression', { missing: 'mean', scaling: { fit: 'all' } });
    const before = prepare(
      spec,
      rows.map(([row]) => row),
    );
    const isTrained = new Set(before.rows.train);
    const after = prepare(
      spec,
      rows.map(([row, wild], i) => (isTrained.has(i) ? row : wild)),
    );
    expect(after.train).not.toEqual(before.train);
    expect(await learned(spec, after)).not.toEqual(await learned(spec, before));
  });
});
