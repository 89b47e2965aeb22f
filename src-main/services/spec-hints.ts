import type { SpecSetting, SpecSpace } from '../contract/specs.ts';

/** What people see instead of a key or value that does not read well by itself; by path, or by the value. */
const titles: Readonly<Record<string, string>> = {
  '': 'Running',
  network: 'Network',
  'network.type': 'Kind of network',
  'network.depth': 'Hidden layers',
  'network.width': 'Units per layer',
  'network.shape': 'Shape',
  'network.init': 'Initial weights',
  'training.optimizer': 'Optimizer',
  'training.optimizer.type': 'Optimizer',
  'training.optimizer.l1': 'L1 penalty',
  'training.optimizer.clipNorm': 'Clip gradients at',
  'training.optimizer.nesterov': 'Nesterov momentum',
  'training.optimizer.alpha': 'Smoothing (alpha)',
  'training.optimizer.beta1': 'Beta 1',
  'training.optimizer.beta2': 'Beta 2',
  'training.schedule': 'Learning rate schedule',
  'training.schedule.type': 'Schedule',
  'training.schedule.every': 'Epochs per step',
  'training.schedule.minShare': 'Lowest share of the rate',
  'training.schedule.warmupEpochs': 'Warm-up epochs',
  'training.schedule.patience': 'Epochs to wait',
  'training.loss': 'Loss',
  'training.loss.type': 'Loss',
  'training.loss.delta': 'Huber delta',
  'training.loss.gamma': 'Focal gamma',
  'training.earlyStopping': 'Early stopping',
  'training.earlyStopping.metric': 'Watched metric',
  'training.earlyStopping.minDelta': 'Smallest improvement',
  'data.missing': 'Empty cells',
  'data.rareCategories': 'Rows a category needs',
  'data.scaling': 'Scaling of numbers',
  'data.scaling.method': 'Scaling',
  'data.scaling.fit': 'Measured on',
  'data.split.stratify': 'Keep class shares',
  'stop.trials': 'Trials',
  'stop.timeoutS': 'Seconds',
  'stop.target': 'Value reached',
  'stop.noImprovementTrials': 'Trials without a new best',
  jobs: 'Parallel trials',
  engine: 'Training engine',
  perTrialTimeoutS: 'Seconds per trial',
  perTrialMemoryMb: 'Memory per trial (MB)',
  retryFailed: 'Run failed trials again',
  duplicates: 'Equal trials',
  'duplicates.allow': 'Run each',
  'duplicates.reuse': 'Take the value',
  adam: 'Adam',
  adamW: 'AdamW',
  nadam: 'Nadam',
  sgd: 'SGD',
  rmsprop: 'RMSprop',
  adagrad: 'Adagrad',
  relu: 'ReLU',
  leakyRelu: 'Leaky ReLU',
  elu: 'ELU',
  gelu: 'GELU',
  selu: 'SELU',
  swish: 'Swish',
  tanh: 'tanh',
  mse: 'MSE',
  rmse: 'RMSE',
  mae: 'MAE',
  r2: 'R²',
  f1: 'F1',
  rocAuc: 'ROC AUC',
  logLoss: 'Log loss',
  parameters: 'Number of weights',
  trainingSeconds: 'Training time',
  crossEntropy: 'Cross-entropy',
  pytorch: 'As PyTorch',
  glorotUniform: 'Glorot uniform',
  glorotNormal: 'Glorot normal',
  heUniform: 'He uniform',
  heNormal: 'He normal',
  lecunNormal: 'LeCun normal',
  minMax: 'Range 0 to 1',
  standard: 'Mean 0, deviation 1',
  robust: 'Median 0, quartiles 1',
  'data.scaling.method.none': 'As they are',
  'data.scaling.fit.train': 'Training rows',
  'data.scaling.fit.all': 'All rows (a leak)',
  'data.missing.error': 'Refuse the table',
  'data.missing.drop': 'Leave their rows out',
  'data.missing.mean': 'Fill with the mean',
  'data.missing.median': 'Fill with the median',
  'data.missing.mode': 'Fill with the most frequent',
  'data.missing.ownCategory': 'A category of their own',
  'network.shape.free': 'Free: each layer its own',
  'tfjs-node': 'Native TensorFlow',
  wasm: 'WebAssembly',
  cpu: 'Plain JavaScript',
  auto: 'Automatic',
  fused: 'Fused (dense networks)',
  tfjs: 'TensorFlow.js',
  metric: 'Metric',
  value: 'Taken from',
  best: 'Best epoch',
  last: 'Last epoch',
};

/** What a form begins with where the schema has no default, or a poor one. */
interface Hints {
  readonly start?: SpecSetting['start'];
  readonly space?: SpecSpace;
  readonly isUsual?: boolean;
}

const log = (low: number, high: number): SpecSpace => ({ float: [low, high], log: true });
const float = (low: number, high: number): SpecSpace => ({ float: [low, high] });
const int = (low: number, high: number): SpecSpace => ({ int: [low, high] });
const choices = (...values: NonNullable<SpecSpace['choices']>): SpecSpace => ({ choices: values });

const hints: Readonly<Record<string, Hints>> = {
  'network.depth': { isUsual: true, start: 2, space: int(1, 3) },
  'network.width': { isUsual: true, start: 64, space: { int: [16, 256], log: true } },
  'network.shape': { isUsual: true, space: choices('constant', 'pyramid') },
  'network.activation': { isUsual: true, space: choices('relu', 'gelu', 'tanh') },
  'network.dropout': { isUsual: true, start: 0.2, space: float(0, 0.5) },
  'network.init': { space: choices('pytorch', 'heNormal', 'orthogonal') },
  'training.optimizer.type': { space: choices('adam', 'adamW', 'sgd') },
  'training.optimizer.learningRate': { start: 1e-3, space: log(1e-5, 1e-1) },
  'training.optimizer.weightDecay': { isUsual: true, space: log(1e-6, 1e-2) },
  'training.optimizer.l1': { space: log(1e-6, 1e-2) },
  'training.optimizer.clipNorm': { space: choices(0, 1, 5) },
  'training.optimizer.momentum': { start: 0.9, space: float(0, 0.99) },
  'training.optimizer.nesterov': { start: true },
  'training.optimizer.alpha': { start: 0.99, space: float(0.9, 0.999) },
  'training.optimizer.beta1': { start: 0.9, space: float(0.8, 0.99) },
  'training.optimizer.beta2': { start: 0.999, space: float(0.9, 0.9999) },
  'training.optimizer.epsilon': { start: 1e-8, space: log(1e-10, 1e-6) },
  'training.schedule.every': { start: 10, space: int(5, 30) },
  'training.schedule.factor': { start: 0.1, space: float(0.1, 0.7) },
  'training.schedule.decay': { start: 0.95, space: float(0.9, 0.999) },
  'training.schedule.minShare': { start: 0, space: float(0, 0.1) },
  'training.schedule.patience': { start: 10, space: int(3, 15) },
  'training.schedule.warmupEpochs': { start: 3, space: int(0, 5) },
  'training.loss.delta': { start: 1, space: float(0.3, 2) },
  'training.loss.gamma': { start: 2, space: float(0.5, 4) },
  'training.loss.labelSmoothing': { start: 0.1, space: float(0, 0.2) },
  'training.batchSize': { isUsual: true, start: 32, space: choices(16, 32, 64) },
  'training.epochs': { start: 100, space: int(20, 200) },
  'training.earlyStopping.patience': { start: 15, space: int(5, 30) },
  'data.split.stratify': { start: true, isUsual: true },
  'data.split.seed': { isUsual: true },
  'stop.trials': { isUsual: true, start: 50 },
  'stop.timeoutS': { isUsual: true, start: 600 },
  'stop.noImprovementTrials': { isUsual: true, start: 30 },
  perTrialTimeoutS: { start: 120 },
  jobs: { isUsual: true },
  backend: { isUsual: true },
  'data.missing': { isUsual: true },
  'data.scaling.method': { isUsual: true },
  'data.scaling.fit': { isUsual: true },
  'training.schedule.type': { isUsual: true, space: choices('constant', 'cosine', 'plateau') },
  seed: { isUsual: true, start: 42 },
};

export function settingHints(path: string): Hints {
  return hints[path] ?? {};
}

/** A title for a setting by its path, or for one of its values: one that was thought of, else the words that the name is made of. */
export function titleOf(name: string, owner?: string): string {
  const known = (owner === undefined ? undefined : titles[`${owner}.${name}`]) ?? titles[name];
  if (known) return known;
  const words = (name.split('.').at(-1) as string)
    .replaceAll(/[_-]/g, ' ')
    .replaceAll(
      /([a-z])([A-Z0-9])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    );
  return words.charAt(0).toUpperCase() + words.slice(1);
}
