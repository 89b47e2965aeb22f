/** The dense networks that are compared with PyTorch, and how fast PyTorch trains them. */
import type { TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { loadDataset } from '../../../src-main/training/datasets/prepare.ts';
import type { TrialPlan } from '../../../src-main/training/plan.ts';
import { loadSpec, parseSpec } from '../../../src-main/training/spec.ts';
import { largestPlan } from '../../../src-main/training/suggest-plan.ts';
import { findPython, runPython } from './peer.ts';

const DROPOUT = 0.2;

const cases = [
  { table: 'iris', target: 'species', hidden: [32], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [128, 64], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [256, 256, 256], batchSize: 16 },
  { table: 'wine', target: 'cultivar', hidden: [128, 64], batchSize: 16 },
  { table: 'breast_cancer', target: 'diagnosis', hidden: [128, 64], batchSize: 32 },
  { table: 'digits', target: 'digit', hidden: [256, 256], batchSize: 64 },
  { table: 'digits', target: 'digit', hidden: [2048, 2048], batchSize: 256 },
];

export type DenseCase = (typeof cases)[number] & {
  readonly data: TrainingData;
  readonly plan: TrialPlan;
};

export async function denseCases(): Promise<DenseCase[]> {
  const { spec: iris } = loadSpec('iris');
  return Promise.all(
    cases.map(async (one) => {
      const { table, target, hidden, batchSize } = one;
      const spec = parseSpec({
        ...iris,
        data: {
          table,
          target,
          task: 'classification',
          split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
        },
        network: { width: hidden, dropout: DROPOUT },
        training: {
          ...iris.training,
          optimizer: { type: 'adam', learningRate: 1e-3, weightDecay: 1e-4 },
          batchSize,
        },
      });
      const data = await loadDataset({ spec, baseDir: '.' });
      return { ...one, data, plan: await largestPlan(spec, data) };
    }),
  );
}

/**
 * Epochs per second of processor time on one thread, without validation: of the faster way of feeding PyTorch, one for each case. Null where no python3 has PyTorch.
 *
 * @param seconds Of processor time per measurement.
 */
export function pytorchRates(given: readonly DenseCase[], seconds: number): number[] | null {
  const python = findPython('torch');
  if (!python) return null;
  const rates = runPython<[number, number][]>(python, 'dense_epochs.py', [
    String(seconds),
    JSON.stringify(
      given.map(({ data, plan, hidden }) => ({
        nRows: data.train.nRows,
        nInputs: data.nFeatures,
        nClasses: data.nOutputs,
        hidden,
        batchSize: plan.training.batchSize,
        dropout: DROPOUT,
      })),
    ),
  ]);
  return rates.map((both) => Math.max(...both));
}
