import { basename, extname } from 'node:path';
import type { TrainingData } from './datasets/dataset.ts';
import type { NetworkStudySpecInput } from './spec.ts';
import { builtinTables } from './vocabulary.ts';

type DataInput = NetworkStudySpecInput['data'];
/** What is searched and how; a name, the data and the objective are still to come. */
type Search = Omit<NetworkStudySpecInput, 'name' | 'data' | 'objective'>;

/** What the default depends on; null where the table could not be read yet. */
type Facts = Pick<TrainingData, 'task' | 'nFeatures' | 'nOutputs' | 'classes'> & {
  readonly nTrainRows: number;
};

/** The share of the largest class from which on accuracy says little. */
const MUCH_IMBALANCE = 0.75;

/** Fewer rows are split into folds: a fifth of them would choose by luck, and training five times is still quick. */
const FOLDS_BELOW_ROWS = 1000;

/**
 * A spec that is a good beginning for a table: folds and small networks for few rows, wider networks and fewer epochs for many; a metric that fits
 * the classes.
 */
export function defaultSpec(data: DataInput, facts: Facts | null): NetworkStudySpecInput {
  const isFolded = 'folds' in data.split;
  const isImbalanced = largestShare(facts) > MUCH_IMBALANCE;
  const { training, ...search } = isFolded ? searchByFolds() : searchByRows(facts);
  return {
    name: nameFor(data),
    objective: {
      metric: metricFor(data, isImbalanced),
      ...(isFolded ? { value: 'last' as const } : {}),
    },
    data,
    ...search,
    training: {
      ...training,
      ...(data.task === 'classification' && isImbalanced
        ? { loss: { type: 'crossEntropy', classWeights: { choices: ['none', 'balanced'] } } }
        : {}),
    },
  };
}

function metricFor({ task, split }: DataInput, isImbalanced: boolean) {
  if (task === 'regression') return 'rmse';
  if (isImbalanced) return 'balancedAccuracy';
  // On few rows many networks are right equally often; log loss tells them apart.
  return 'folds' in split ? 'logLoss' : 'accuracy';
}

/**
 * With few rows the best epoch of each fold would be a lucky one. So there is no early stopping: how many epochs is searched as all else is, and
 * the value is that of the last one, which training on all rows afterwards repeats.
 */
function searchByFolds(): Search {
  return {
    network: {
      depth: { int: [0, 2] },
      width: { int: [16, 128], log: true },
      shape: 'constant',
      activation: { choices: ['relu', 'gelu', 'tanh'] },
      dropout: { float: [0, 0.6] },
    },
    training: {
      optimizer: {
        type: 'adam',
        learningRate: { float: [1e-3, 5e-2], log: true },
        weightDecay: { float: [1e-5, 1e-1], log: true },
      },
      schedule: { type: 'cosine' },
      batchSize: { choices: [16, 32] },
      epochs: { int: [10, 120], log: true },
    },
    sampler: { type: 'auto' },
    stop: { trials: 50 },
  };
}

function searchByRows(facts: Facts | null): Search {
  const nRows = facts?.nTrainRows ?? 1000;
  const size = nRows < 500 ? 'small' : nRows < 20_000 ? 'medium' : 'large';
  const { width, batches, epochs, patience } = {
    small: { width: [8, 128], batches: [8, 16, 32], epochs: 100, patience: 15 },
    medium: { width: [16, 256], batches: [32, 64, 128], epochs: 60, patience: 10 },
    large: { width: [32, 512], batches: [128, 256, 512], epochs: 30, patience: 5 },
  }[size] as { width: [number, number]; batches: number[]; epochs: number; patience: number };
  return {
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

/**
 * How a table is split where nobody said how: few rows into folds; of others, the more there are, the smaller the parts that are not trained with.
 *
 * @param nRows null where that is not known yet.
 */
export function defaultSplit(nRows: number | null): DataInput['split'] {
  if (nRows !== null && nRows < FOLDS_BELOW_ROWS) return { folds: 5, test: 0.2 };
  return nRows === null || nRows < 20_000
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
