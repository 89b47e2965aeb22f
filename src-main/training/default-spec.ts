import { basename, extname } from 'node:path';
import type { TrainingData } from './datasets/dataset.ts';
import type { NetworkStudySpecInput } from './spec.ts';
import { builtinTables } from './vocabulary.ts';

type DataInput = NetworkStudySpecInput['data'];

/** What the default depends on; null where the table could not be read yet. */
type Facts = Pick<TrainingData, 'task' | 'nFeatures' | 'nOutputs' | 'classes'> & {
  readonly nTrainRows: number;
};

/** The share of the largest class from which on accuracy says little. */
const MUCH_IMBALANCE = 0.75;

/**
 * A spec that is a good beginning for a table: smaller networks, batches and more epochs for few rows, wider networks and fewer epochs for
 * many; a metric that fits the classes.
 */
export function defaultSpec(data: DataInput, facts: Facts | null): NetworkStudySpecInput {
  const nRows = facts?.nTrainRows ?? 1000;
  const size = nRows < 500 ? 'small' : nRows < 20_000 ? 'medium' : 'large';
  const { width, batches, epochs, patience } = {
    small: { width: [8, 128], batches: [8, 16, 32], epochs: 100, patience: 15 },
    medium: { width: [16, 256], batches: [32, 64, 128], epochs: 60, patience: 10 },
    large: { width: [32, 512], batches: [128, 256, 512], epochs: 30, patience: 5 },
  }[size] as { width: [number, number]; batches: number[]; epochs: number; patience: number };
  const isImbalanced = largestShare(facts) > MUCH_IMBALANCE;
  const classification = {
    objective: { metric: isImbalanced ? ('balancedAccuracy' as const) : ('accuracy' as const) },
    ...(isImbalanced
      ? {
          loss: {
            type: 'crossEntropy' as const,
            classWeights: { choices: ['none' as const, 'balanced' as const] },
          },
        }
      : {}),
  };
  const {
    objective,
    loss,
  }: Pick<NetworkStudySpecInput, 'objective'> & {
    loss?: NetworkStudySpecInput['training']['loss'];
  } = data.task === 'classification' ? classification : { objective: { metric: 'rmse' } };
  return {
    name: nameFor(data),
    objective,
    data,
    network: {
      depth: { int: [1, 3] },
      width: { int: width, log: true },
      shape: { choices: ['constant', 'pyramid'] },
      activation: { choices: ['relu', 'gelu', 'tanh'] },
      dropout: { float: [0, 0.5] },
    },
    training: {
      optimizer: {
        type: 'adam',
        learningRate: { float: [1e-4, 1e-1], log: true },
        weightDecay: { float: [1e-6, 1e-2], log: true },
      },
      ...(loss ? { loss } : {}),
      batchSize: { choices: batches },
      epochs,
      earlyStopping: { patience },
    },
    sampler: { type: 'auto' },
    pruner: {
      type: 'median',
      options: { nStartupTrials: 5, nWarmupSteps: Math.round(epochs / 10) },
    },
    stop: { trials: 50 },
  };
}

/** How a table is split where nobody said how: the more rows, the smaller the parts that are not trained with. */
export function defaultSplit(nRows: number): DataInput['split'] {
  return nRows < 20_000
    ? { fractions: { train: 0.6, validation: 0.2, test: 0.2 } }
    : { fractions: { train: 0.8, validation: 0.1, test: 0.1 } };
}

function largestShare(facts: Facts | null): number {
  const counts = facts?.classes?.map(({ nTrainRows }) => nTrainRows) ?? [];
  const sum = counts.reduce((total, count) => total + count, 0);
  return sum > 0 ? Math.max(...counts) / sum : 0;
}

/** The table's name, with the target where the table is a file. */
function nameFor({ table, target }: DataInput): string {
  if ((builtinTables as readonly string[]).includes(table)) return table;
  const file = basename(table.replaceAll('\\', '/'));
  return `${file.slice(0, file.length - extname(file).length)} ${target}`.slice(0, 512);
}
