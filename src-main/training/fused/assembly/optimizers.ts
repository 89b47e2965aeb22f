/**
 * Update rules in PyTorch's form. Parameters, their gradients and up to two moments per parameter are flat arrays;
 * the rules work element by element on any stretch of them. Padding has gradient 0 and weight 0 and keeps both.
 */
import {
  OPTIMIZER_ADAGRAD,
  OPTIMIZER_ADAM,
  OPTIMIZER_ADAMW,
  OPTIMIZER_NADAM,
  OPTIMIZER_RMSPROP,
} from './layout';
import { hasNative, nativeUpdate } from './native';
import { constant, madd, sumLanes } from './simd';

/**
 * Denormal numbers are many times slower than others, and units that are never active make them: their weights and
 * moments shrink for ever. So gradients whose square would be one count as 0, first moments below the smallest
 * normal number become 0, and second moments stop there.
 */
const SMALLEST = memory.data<f32>([1.17549435e-38]);
const SMALLEST_GRADIENT = memory.data<f32>([1.1e-19]);

let kind: i32 = 0;
let beta1: f64 = 0;
let beta2: f64 = 0;
let epsilon: f32 = 0;
let momentum: f32 = 0;
let nesterov: bool = false;
let weightDecay: f64 = 0;
/** Adagrad: learning rate decay; NAdam: momentum decay as the factor 0.96^decay per step. */
let decay: f64 = 0;

/** Of the running step. */
let step: i32 = 0;
let beta1Power: f64 = 1;
let beta2Power: f64 = 1;
let decayPower: f64 = 1;
let momentProduct: f64 = 1;
let rate: f32 = 0;
let gradientRate: f32 = 0;
let secondScale: f32 = 1;
let shrink: f32 = 1;

/** The running step as native code wants it: the `Step` of ../native/kernels.h. */
export const STEP = memory.data(52);

export function defineOptimizer(
  newKind: i32,
  newBeta1: f64,
  newBeta2: f64,
  newEpsilon: f64,
  newMomentum: f64,
  newNesterov: bool,
  newWeightDecay: f64,
  newDecay: f64,
): void {
  kind = newKind;
  beta1 = newBeta1;
  beta2 = newBeta2;
  epsilon = <f32>newEpsilon;
  momentum = <f32>newMomentum;
  nesterov = newNesterov;
  weightDecay = newWeightDecay;
  decay = newDecay;
  step = 0;
  beta1Power = 1;
  beta2Power = 1;
  decayPower = 1;
  momentProduct = 1;
}

/** The scalars that all parameters share in this step: bias corrections and step sizes. */
export function beginStep(learningRate: f64): void {
  step++;
  beta1Power *= beta1;
  beta2Power *= beta2;
  rate = <f32>learningRate;
  shrink = 1;
  if (kind === OPTIMIZER_ADAM || kind === OPTIMIZER_ADAMW) {
    rate = <f32>(learningRate / (1 - beta1Power));
    secondScale = <f32>(1 / Math.sqrt(1 - beta2Power));
    if (kind === OPTIMIZER_ADAMW) shrink = <f32>(1 - learningRate * weightDecay);
  } else if (kind === OPTIMIZER_NADAM) {
    decayPower *= decay;
    const mu = beta1 * (1 - 0.5 * decayPower);
    const nextMu = beta1 * (1 - 0.5 * decayPower * decay);
    momentProduct *= mu;
    gradientRate = <f32>((learningRate * (1 - mu)) / (1 - momentProduct));
    rate = <f32>((learningRate * nextMu) / (1 - momentProduct * nextMu));
    secondScale = <f32>(1 / Math.sqrt(1 - beta2Power));
  } else if (kind === OPTIMIZER_ADAGRAD) {
    rate = <f32>(learningRate / (1 + <f64>(step - 1) * decay));
  }
  if (hasNative()) describeStep();
}

function describeStep(): void {
  store<i32>(STEP, kind);
  store<i32>(STEP, <i32>nesterov, 4);
  store<f32>(STEP, <f32>weightDecay, 8);
  store<f32>(STEP, shrink, 12);
  store<f32>(STEP, <f32>beta1, 16);
  store<f32>(STEP, <f32>(1 - beta1), 20);
  store<f32>(STEP, <f32>beta2, 24);
  store<f32>(STEP, <f32>(1 - beta2), 28);
  store<f32>(STEP, secondScale, 32);
  store<f32>(STEP, epsilon, 36);
  store<f32>(STEP, rate, 40);
  store<f32>(STEP, gradientRate, 44);
  store<f32>(STEP, momentum, 48);
}

/** Zero where x is smaller than `limit`; NaN stays. */
@inline
function flush(x: v128, limit: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), limit));
}

/** Updates `bytes / 4` parameters at `w`. What is the same for all of them is put into vectors before each loop. */
export function update(w: usize, g: usize, first: usize, second: usize, bytes: usize): void {
  const done = nativeUpdate(w, g, first, second, bytes, STEP);
  w += done;
  g += done;
  first += done;
  second += done;
  bytes -= done;
  switch (kind) {
    case OPTIMIZER_ADAM:
      return adam(false, w, g, first, second, bytes);
    case OPTIMIZER_ADAMW:
      return adam(true, w, g, first, second, bytes);
    case OPTIMIZER_NADAM:
      return nadam(w, g, first, second, bytes);
    case OPTIMIZER_RMSPROP:
      return rmsprop(w, g, first, second, bytes);
    case OPTIMIZER_ADAGRAD:
      return adagrad(w, g, first, bytes);
    default:
      return sgd(w, g, first, bytes);
  }
}

function sgd(w: usize, g: usize, first: usize, bytes: usize): void {
  const decays = f32x4.splat(<f32>weightDecay);
  const smallest = constant(SMALLEST);
  const rates = f32x4.splat(-rate);
  const momentums = f32x4.splat(momentum);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    let move = madd(weight, decays, v128.load(g + i));
    if (momentum !== 0) {
      const m = flush(madd(v128.load(first + i), momentums, move), smallest);
      v128.store(first + i, m);
      move = nesterov ? madd(m, momentums, move) : m;
    }
    v128.store(w + i, madd(move, rates, weight));
  }
}

@inline
function adam(
  decoupled: bool,
  w: usize,
  g: usize,
  first: usize,
  second: usize,
  bytes: usize,
): void {
  const decays = f32x4.splat(<f32>weightDecay);
  const shrinks = f32x4.splat(shrink);
  const smallestGradient = constant(SMALLEST_GRADIENT);
  const keep1 = f32x4.splat(<f32>beta1);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const secondScales = f32x4.splat(secondScale);
  const epsilons = f32x4.splat(epsilon);
  const smallest = constant(SMALLEST);
  const rates = f32x4.splat(-rate);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    let gradient = v128.load(g + i);
    if (!decoupled) gradient = madd(weight, decays, gradient);
    gradient = flush(gradient, smallestGradient);
    const m = flush(madd(v128.load(first + i), keep1, f32x4.mul(gradient, take1)), smallest);
    const square = f32x4.mul(gradient, gradient);
    const v = f32x4.pmax(madd(v128.load(second + i), keep2, f32x4.mul(square, take2)), smallest);
    v128.store(first + i, m);
    v128.store(second + i, v);
    const size = madd(f32x4.sqrt(v), secondScales, epsilons);
    const shrunk = decoupled ? f32x4.mul(weight, shrinks) : weight;
    v128.store(w + i, madd(f32x4.div(m, size), rates, shrunk));
  }
}

function nadam(w: usize, g: usize, first: usize, second: usize, bytes: usize): void {
  const decays = f32x4.splat(<f32>weightDecay);
  const smallestGradient = constant(SMALLEST_GRADIENT);
  const keep1 = f32x4.splat(<f32>beta1);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const secondScales = f32x4.splat(secondScale);
  const epsilons = f32x4.splat(epsilon);
  const smallest = constant(SMALLEST);
  const rates = f32x4.splat(rate);
  const gradientRates = f32x4.splat(gradientRate);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    const gradient = flush(madd(weight, decays, v128.load(g + i)), smallestGradient);
    const m = flush(madd(v128.load(first + i), keep1, f32x4.mul(gradient, take1)), smallest);
    const square = f32x4.mul(gradient, gradient);
    const v = f32x4.pmax(madd(v128.load(second + i), keep2, f32x4.mul(square, take2)), smallest);
    v128.store(first + i, m);
    v128.store(second + i, v);
    const size = madd(f32x4.sqrt(v), secondScales, epsilons);
    const move = madd(m, rates, f32x4.mul(gradient, gradientRates));
    v128.store(w + i, f32x4.sub(weight, f32x4.div(move, size)));
  }
}

/** `first` holds the mean of squares, `second` the momentum. */
function rmsprop(w: usize, g: usize, first: usize, second: usize, bytes: usize): void {
  const decays = f32x4.splat(<f32>weightDecay);
  const smallestGradient = constant(SMALLEST_GRADIENT);
  const keep = f32x4.splat(<f32>beta2);
  const take = f32x4.splat(<f32>(1 - beta2));
  const epsilons = f32x4.splat(epsilon);
  const smallest = constant(SMALLEST);
  const rates = f32x4.splat(-rate);
  const momentums = f32x4.splat(momentum);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    const gradient = flush(madd(weight, decays, v128.load(g + i)), smallestGradient);
    const square = f32x4.mul(gradient, gradient);
    const v = f32x4.pmax(madd(v128.load(first + i), keep, f32x4.mul(square, take)), smallest);
    v128.store(first + i, v);
    let move = f32x4.div(gradient, f32x4.add(f32x4.sqrt(v), epsilons));
    if (momentum !== 0) {
      move = flush(madd(v128.load(second + i), momentums, move), smallest);
      v128.store(second + i, move);
    }
    v128.store(w + i, madd(move, rates, weight));
  }
}

function adagrad(w: usize, g: usize, first: usize, bytes: usize): void {
  const decays = f32x4.splat(<f32>weightDecay);
  const smallestGradient = constant(SMALLEST_GRADIENT);
  const epsilons = f32x4.splat(epsilon);
  const rates = f32x4.splat(-rate);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    const gradient = flush(madd(weight, decays, v128.load(g + i)), smallestGradient);
    const sum = madd(gradient, gradient, v128.load(first + i));
    v128.store(first + i, sum);
    const size = f32x4.add(f32x4.sqrt(sum), epsilons);
    v128.store(w + i, madd(f32x4.div(gradient, size), rates, weight));
  }
}

/** g += l1 sign(w), with sign(0) = 0. */
export function addL1(w: usize, g: usize, bytes: usize, l1: f32): void {
  const size = f32x4.splat(l1);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(w + i);
    const push = v128.bitselect(size, weight, i32x4.splat(0x7fffffff));
    const pull = v128.and(push, f32x4.ne(weight, zero));
    v128.store(g + i, f32x4.add(v128.load(g + i), pull));
  }
}

export function scaleGradients(g: usize, bytes: usize, scale: f32): void {
  const scales = f32x4.splat(scale);
  for (const end = g + bytes; g < end; g += 16) v128.store(g, f32x4.mul(v128.load(g), scales));
}

/** Euclidean norm; float32 sums of 256 numbers are added up in float64. */
export function norm(g: usize, bytes: usize): f64 {
  let total: f64 = 0;
  for (const end = g + bytes; g < end; ) {
    let sums = f32x4.splat(0);
    for (const stop = min(g + 1024, end); g < stop; g += 16) {
      const x = v128.load(g);
      sums = madd(x, x, sums);
    }
    total += <f64>sumLanes(sums);
  }
  return Math.sqrt(total);
}
