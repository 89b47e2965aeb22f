/** The words of study specs that both the schema and the code that acts on them need. */

export const tasks = ['classification', 'regression'] as const;
export type Task = (typeof tasks)[number];

/** What is done about empty cells other than refusing or leaving out their rows. */
export const imputations = ['mean', 'median', 'mode', 'ownCategory'] as const;
export type Imputation = (typeof imputations)[number];

export const activations = [
  'relu',
  'leakyRelu',
  'elu',
  'gelu',
  'selu',
  'swish',
  'tanh',
  'linear',
] as const;
export type Activation = (typeof activations)[number];

export const networkTypes = ['dense', 'conv1d', 'conv2d'] as const;

/** How the sums of a hidden layer are normalized before its activation. */
export const norms = ['none', 'batch', 'layer'] as const;
export type Norm = (typeof norms)[number];

/** What goes around hidden layers. */
export const skips = ['none', 'residual'] as const;
export type Skip = (typeof skips)[number];

/** How wide the embedding of a category column is. */
export const embeddings = ['none', 'rule', 'dims'] as const;
export type Embedding = (typeof embeddings)[number];

export const shapes = ['free', 'constant', 'pyramid', 'hourglass'] as const;
export type Shape = (typeof shapes)[number];

export const initializers = [
  'pytorch',
  'glorotUniform',
  'glorotNormal',
  'heUniform',
  'heNormal',
  'lecunNormal',
  'orthogonal',
] as const;
export type Initializer = (typeof initializers)[number];

export const optimizers = ['adam', 'adamW', 'nadam', 'sgd', 'rmsprop', 'adagrad'] as const;
export type OptimizerType = (typeof optimizers)[number];

/** Settings that only some optimizers have. */
export const optimizerSettings = {
  momentum: ['sgd', 'rmsprop'],
  nesterov: ['sgd'],
  alpha: ['rmsprop'],
  beta1: ['adam', 'adamW', 'nadam'],
  beta2: ['adam', 'adamW', 'nadam'],
  epsilon: ['adam', 'adamW', 'nadam', 'rmsprop', 'adagrad'],
} as const satisfies Record<string, readonly OptimizerType[]>;
export type OptimizerSetting = keyof typeof optimizerSettings;

export const losses = ['crossEntropy', 'focal', 'mse', 'mae', 'huber'] as const;
export type LossType = (typeof losses)[number];

export const lossesOf: Record<Task, readonly LossType[]> = {
  classification: ['crossEntropy', 'focal'],
  regression: ['mse', 'mae', 'huber'],
};

/** Settings that only some losses have. */
export const lossSettings = {
  delta: ['huber'],
  gamma: ['focal'],
  labelSmoothing: ['crossEntropy', 'focal'],
  classWeights: ['crossEntropy', 'focal'],
} as const satisfies Record<string, readonly LossType[]>;

export const classWeightings = ['none', 'balanced'] as const;
export type ClassWeighting = (typeof classWeightings)[number];

export const schedules = ['constant', 'step', 'exponential', 'cosine', 'plateau'] as const;
export type ScheduleType = (typeof schedules)[number];

/** Settings that only some schedules have. */
export const scheduleSettings = {
  every: ['step'],
  factor: ['step', 'plateau'],
  decay: ['exponential'],
  minShare: ['cosine', 'plateau'],
  patience: ['plateau'],
} as const satisfies Record<string, readonly ScheduleType[]>;
export type ScheduleSetting = keyof typeof scheduleSettings;

/** Measured on rows, every epoch. */
export const metrics = [
  'accuracy',
  'balancedAccuracy',
  'f1',
  'rocAuc',
  'logLoss',
  'loss',
  'mse',
  'rmse',
  'mae',
  'r2',
] as const;
export type Metric = (typeof metrics)[number];

/** The first one is the objective where the spec names none. */
export const metricsOf: Record<Task, readonly Metric[]> = {
  classification: ['accuracy', 'balancedAccuracy', 'f1', 'rocAuc', 'logLoss', 'loss'],
  regression: ['mse', 'rmse', 'mae', 'r2', 'loss'],
};

/** What a trial costs, known once it is over: objectives beside a metric. */
export const costs = ['parameters', 'trainingSeconds'] as const;
export type Cost = (typeof costs)[number];

export const metricDirections = {
  accuracy: 'maximize',
  balancedAccuracy: 'maximize',
  f1: 'maximize',
  rocAuc: 'maximize',
  logLoss: 'minimize',
  loss: 'minimize',
  mse: 'minimize',
  rmse: 'minimize',
  mae: 'minimize',
  r2: 'maximize',
} as const satisfies Record<Metric, 'minimize' | 'maximize'>;

const share = { low: 0, high: 1 };
const error = { low: 0, high: Infinity };

/** What a metric cannot leave. */
export const metricBounds: Readonly<
  Record<Metric, { readonly low: number; readonly high: number }>
> = {
  accuracy: share,
  balancedAccuracy: share,
  f1: share,
  rocAuc: share,
  logLoss: error,
  loss: error,
  mse: error,
  rmse: error,
  mae: error,
  r2: { low: -Infinity, high: 1 },
};

export const backends = ['tfjs-node', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backends)[number];

export const engines = ['fused', 'tfjs', 'mixed'] as const;
export type EngineName = (typeof engines)[number];

export const builtinTables = ['breast_cancer', 'diabetes', 'digits', 'iris', 'wine'] as const;

/** Study specs that come with Parzen. */
export const builtinStudies = [...builtinTables, 'digits-conv'] as const;
export type BuiltinStudy = (typeof builtinStudies)[number];
