/** What a fused dense network can be, checked once and with every default filled in. */

export const DENSE_ACTIVATIONS = [
  'linear',
  'relu',
  'leakyRelu',
  'elu',
  'gelu',
  'selu',
  'swish',
  'tanh',
] as const;
export type DenseActivation = (typeof DENSE_ACTIVATIONS)[number];

const DENSE_LOSSES = ['crossEntropy', 'focal', 'mse', 'mae', 'huber'] as const;
const DENSE_OPTIMIZERS = ['sgd', 'adam', 'adamw', 'rmsprop', 'adagrad', 'nadam'] as const;

export interface DenseLayer {
  units: number;
  /** `leakyRelu` has slope 0.01, `elu` alpha 1, `gelu` is the exact one (with erf): PyTorch's defaults. */
  activation: DenseActivation;
  /** Probability of a unit to be dropped while training. @default 0 */
  dropout?: number;
}

export interface ClassLoss {
  /** One per class. The loss of a batch is divided by the sum of its rows' class weights. @default all 1 */
  classWeights?: readonly number[];
  /** Share of the target spread over all classes. @default 0 */
  labelSmoothing?: number;
}

/** PyTorch's losses with mean reduction. `focal` is cross-entropy with (1 - p)^gamma on every term. */
export type DenseLoss =
  | ({ kind: 'crossEntropy' } & ClassLoss)
  | ({ kind: 'focal'; gamma: number } & ClassLoss)
  | { kind: 'mse' }
  | { kind: 'mae' }
  | { kind: 'huber'; delta: number };

/**
 * PyTorch's update rules and defaults. `weightDecay` is added to the gradient of every parameter, biases too
 * (`adamw`: shrinks the parameter instead), and is not part of the reported loss.
 */
export type DenseOptimizer =
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: number }
  | {
      kind: 'adam' | 'adamw';
      beta1?: number;
      beta2?: number;
      epsilon?: number;
      weightDecay?: number;
    }
  | {
      kind: 'rmsprop';
      alpha?: number;
      momentum?: number;
      epsilon?: number;
      weightDecay?: number;
    }
  | { kind: 'adagrad'; learningRateDecay?: number; epsilon?: number; weightDecay?: number }
  | {
      kind: 'nadam';
      beta1?: number;
      beta2?: number;
      momentumDecay?: number;
      epsilon?: number;
      weightDecay?: number;
    };

export interface DenseConfig {
  nInputs: number;
  /** From the inputs on; none makes a linear model. */
  hidden: readonly DenseLayer[];
  /** Classes, or regression targets. The output layer is linear: softmax belongs to the loss. */
  nOutputs: number;
  loss: DenseLoss;
  optimizer: DenseOptimizer;
  /** Adds l1 * sign(parameter) to every gradient, before clipping; not part of the reported loss. @default 0 */
  l1?: number;
  /** Largest global norm of the gradients of a batch; 0 does not clip. @default 0 */
  clipNorm?: number;
}

export interface ResolvedOptimizer {
  kind: DenseOptimizer['kind'];
  beta1: number;
  beta2: number;
  epsilon: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  /** Adagrad: learning rate decay. NAdam: momentum decay. */
  decay: number;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

export function check(condition: boolean, name: string, rule: string, value: unknown): void {
  if (!condition) throw new Error(`\`${name}\` must be ${rule}, but got ${describe(value)}.`);
}

export function checkCount(name: string, value: number): void {
  check(Number.isSafeInteger(value) && value >= 1, name, 'a positive integer', value);
}

function checkNotNegative(name: string, value: number): void {
  check(Number.isFinite(value) && value >= 0, name, 'a finite number of at least 0', value);
}

function checkPositive(name: string, value: number): void {
  check(Number.isFinite(value) && value > 0, name, 'a finite number above 0', value);
}

function checkBelowOne(name: string, value: number): void {
  check(value >= 0 && value < 1, name, 'at least 0 and below 1', value);
}

function checkKeys(name: string, value: object, allowed: readonly string[]): void {
  for (const key of Object.keys(value)) {
    check(allowed.includes(key), name, `made of ${allowed.join(', ')}`, key);
  }
}

const CLASS_LOSS_KEYS = ['kind', 'classWeights', 'labelSmoothing'];
const LOSS_KEYS: Record<DenseLoss['kind'], readonly string[]> = {
  crossEntropy: CLASS_LOSS_KEYS,
  focal: [...CLASS_LOSS_KEYS, 'gamma'],
  mse: ['kind'],
  mae: ['kind'],
  huber: ['kind', 'delta'],
};

function checkLoss(loss: DenseLoss, nOutputs: number): void {
  check(
    DENSE_LOSSES.includes(loss.kind),
    'loss.kind',
    `one of ${DENSE_LOSSES.join(', ')}`,
    loss.kind,
  );
  checkKeys('loss', loss, LOSS_KEYS[loss.kind]);
  if (loss.kind === 'huber') checkPositive('loss.delta', loss.delta);
  if (loss.kind === 'focal') checkNotNegative('loss.gamma', loss.gamma);
  if (loss.kind !== 'crossEntropy' && loss.kind !== 'focal') return;
  check(nOutputs >= 2, 'nOutputs', 'at least 2 for a loss over classes', nOutputs);
  const { labelSmoothing = 0, classWeights } = loss;
  check(
    labelSmoothing >= 0 && labelSmoothing <= 1,
    'loss.labelSmoothing',
    'between 0 and 1',
    labelSmoothing,
  );
  if (classWeights === undefined) return;
  check(
    classWeights.length === nOutputs,
    'loss.classWeights',
    `a list of ${nOutputs} numbers, one per class`,
    `${classWeights.length}`,
  );
  for (const weight of classWeights) checkNotNegative('loss.classWeights', weight);
}

const OPTIMIZER_KEYS: Record<DenseOptimizer['kind'], readonly string[]> = {
  sgd: ['kind', 'momentum', 'nesterov', 'weightDecay'],
  adam: ['kind', 'beta1', 'beta2', 'epsilon', 'weightDecay'],
  adamw: ['kind', 'beta1', 'beta2', 'epsilon', 'weightDecay'],
  rmsprop: ['kind', 'alpha', 'momentum', 'epsilon', 'weightDecay'],
  adagrad: ['kind', 'learningRateDecay', 'epsilon', 'weightDecay'],
  nadam: ['kind', 'beta1', 'beta2', 'momentumDecay', 'epsilon', 'weightDecay'],
};

/** Checks an optimizer and fills in PyTorch's defaults. */
export function resolveOptimizer(optimizer: DenseOptimizer): ResolvedOptimizer {
  const { kind } = optimizer;
  check(
    DENSE_OPTIMIZERS.includes(kind),
    'optimizer.kind',
    `one of ${DENSE_OPTIMIZERS.join(', ')}`,
    kind,
  );
  checkKeys('optimizer', optimizer, OPTIMIZER_KEYS[kind]);
  const resolved: ResolvedOptimizer = {
    kind,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0,
    nesterov: false,
    weightDecay: optimizer.weightDecay ?? (kind === 'adamw' ? 0.01 : 0),
    decay: 0,
  };
  switch (optimizer.kind) {
    case 'sgd':
      resolved.momentum = optimizer.momentum ?? 0;
      resolved.nesterov = optimizer.nesterov ?? false;
      break;
    case 'rmsprop':
      resolved.beta2 = optimizer.alpha ?? 0.99;
      resolved.momentum = optimizer.momentum ?? 0;
      resolved.epsilon = optimizer.epsilon ?? 1e-8;
      checkBelowOne('optimizer.alpha', resolved.beta2);
      break;
    case 'adagrad':
      resolved.decay = optimizer.learningRateDecay ?? 0;
      resolved.epsilon = optimizer.epsilon ?? 1e-10;
      break;
    default:
      resolved.beta1 = optimizer.beta1 ?? 0.9;
      resolved.beta2 = optimizer.beta2 ?? 0.999;
      resolved.epsilon = optimizer.epsilon ?? 1e-8;
      if (optimizer.kind === 'nadam') resolved.decay = optimizer.momentumDecay ?? 4e-3;
      checkBelowOne('optimizer.beta1', resolved.beta1);
      checkBelowOne('optimizer.beta2', resolved.beta2);
  }
  const decayName = kind === 'nadam' ? 'optimizer.momentumDecay' : 'optimizer.learningRateDecay';
  checkNotNegative('optimizer.epsilon', resolved.epsilon);
  checkNotNegative('optimizer.momentum', resolved.momentum);
  checkNotNegative('optimizer.weightDecay', resolved.weightDecay);
  checkNotNegative(decayName, resolved.decay);
  check(
    !resolved.nesterov || resolved.momentum > 0,
    'optimizer.momentum',
    'above 0 for nesterov',
    resolved.momentum,
  );
  return resolved;
}

const CONFIG_KEYS = ['nInputs', 'hidden', 'nOutputs', 'loss', 'optimizer', 'l1', 'clipNorm'];

/** Throws an Error that names the rule and the value. */
export function checkDenseConfig(config: DenseConfig): void {
  checkKeys('config', config, CONFIG_KEYS);
  checkCount('nInputs', config.nInputs);
  checkCount('nOutputs', config.nOutputs);
  for (const layer of config.hidden) {
    const { units, activation, dropout = 0 } = layer;
    checkKeys('hidden', layer, ['units', 'activation', 'dropout']);
    checkCount('units', units);
    check(
      DENSE_ACTIVATIONS.includes(activation),
      'activation',
      `one of ${DENSE_ACTIVATIONS.join(', ')}`,
      activation,
    );
    check(dropout >= 0 && dropout <= 1, 'dropout', 'between 0 and 1', dropout);
  }
  checkLoss(config.loss, config.nOutputs);
  resolveOptimizer(config.optimizer);
  checkNotNegative('l1', config.l1 ?? 0);
  checkNotNegative('clipNorm', config.clipNorm ?? 0);
}

export function isClassLoss(loss: DenseLoss): boolean {
  return loss.kind === 'crossEntropy' || loss.kind === 'focal';
}
