/**
 * Losses of the network's outputs and their gradients. Outputs and gradients are panels, `stride` bytes apart.
 *
 * A loss is a weighted mean over rows: sum of s_b l_b over sum of s_b, or of s_b w_y for classes, where s is the
 * weight of a row and w that of a class. The functions return the undivided sum, so that the blocks of a batch
 * and of a whole set add up; `scale`, one over the denominator, goes into the gradient.
 */
import {
  LOSS_CROSS_ENTROPY,
  LOSS_FOCAL,
  LOSS_HUBER,
  LOSS_MAE,
  SET_ROW_WEIGHTS,
  SET_TARGETS,
} from './layout';
import { exp, log, madd, sumLanes } from './simd';

let kind: i32 = 0;
let outputs: i32 = 0;
let panels: i32 = 0;
let delta: f32 = 1;
let gamma: f32 = 0;
let smoothing: f32 = 0;
/** Float32 per class and all-ones masks, both zero from `outputs` to the end of the last panel. */
let classWeights: usize = 0;
let classMask: usize = 0;
let classWeightSum: f32 = 0;
let weighted: bool = false;

/** Sums since `resetMetrics`. */
export let nCorrect: i32 = 0;
export let squaredError: f64 = 0;
export let absoluteError: f64 = 0;

/** `parameter` is gamma of the focal loss or delta of the Huber loss. */
export function defineLoss(
  newKind: i32,
  newOutputs: i32,
  parameter: f32,
  labelSmoothing: f32,
  newClassWeights: usize,
  newClassMask: usize,
  hasClassWeights: bool,
): void {
  kind = newKind;
  outputs = newOutputs;
  panels = (outputs + 7) >> 3;
  delta = parameter;
  gamma = parameter;
  smoothing = labelSmoothing;
  classWeights = newClassWeights;
  classMask = newClassMask;
  weighted = hasClassWeights;
  classWeightSum = 0;
  if (isClassification()) {
    for (let c = 0; c < outputs; c++) classWeightSum += load<f32>(classWeights + (<usize>c << 2));
  }
}

export function resetMetrics(): void {
  nCorrect = 0;
  squaredError = 0;
  absoluteError = 0;
}

@inline
function isClassification(): bool {
  return kind === LOSS_CROSS_ENTROPY || kind === LOSS_FOCAL;
}

/** Row of the set that stands at `position`; without an order that is the position itself. */
@inline
export function rowAt(order: usize, position: i32): usize {
  return order === 0 ? <usize>position : <usize>load<i32>(order + (<usize>position << 2));
}

/** Denominator of the mean over `count` rows. */
export function weightSum(set: usize, order: usize, first: i32, count: i32): f64 {
  const rowWeights = <usize>load<u32>(set, SET_ROW_WEIGHTS);
  const byClass = weighted && isClassification();
  if (rowWeights === 0 && !byClass) return <f64>count;
  const targets = <usize>load<u32>(set, SET_TARGETS);
  let sum: f64 = 0;
  for (let i = first, end = first + count; i < end; i++) {
    const row = rowAt(order, i) << 2;
    let weight: f64 = 1;
    if (rowWeights !== 0) weight = <f64>load<f32>(rowWeights + row);
    if (byClass) weight *= <f64>load<f32>(classWeights + (<usize>load<i32>(targets + row) << 2));
    sum += weight;
  }
  return sum;
}

/** Weighted loss sum of `count` rows with outputs `z`. When training, `d` becomes the gradient with respect to z. */
export function loss(
  z: usize,
  d: usize,
  stride: usize,
  set: usize,
  order: usize,
  first: i32,
  count: i32,
  scale: f32,
  training: bool,
): f64 {
  const targets = <usize>load<u32>(set, SET_TARGETS);
  const rowWeights = <usize>load<u32>(set, SET_ROW_WEIGHTS);
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const row = rowAt(order, first + i);
    const weight: f32 = rowWeights === 0 ? 1 : load<f32>(rowWeights + (row << 2));
    const factor = weight * scale;
    const shift = <usize>i << 5;
    let value: f32 = 0;
    if (isClassification()) {
      const target = load<i32>(targets + (row << 2));
      if (kind === LOSS_FOCAL) value = focal(z + shift, d + shift, stride, target, factor);
      else value = crossEntropy(z + shift, d + shift, stride, target, factor, training);
    } else {
      const target = targets + row * (<usize>((outputs + 3) & ~3) << 2);
      value = regression(z + shift, d + shift, stride, target, factor);
    }
    sum += <f64>(value * weight);
  }
  return sum;
}

/** Of the row that `softmaxParts` saw last: its largest output, and the sum of e^(output - largest). */
let top: f32 = 0;
let expSum: f32 = 0;

/** Leaves e^(z - top) in `d`, and counts the row if `target` comes out on top. */
@inline
function softmaxParts(z: usize, d: usize, stride: usize, target: i32): void {
  const lowest = f32x4.splat(-Infinity);
  let best = lowest;
  let at = z;
  let mask = classMask;
  for (let p = 0; p < panels; p++, at += stride, mask += 32) {
    best = f32x4.pmax(best, v128.bitselect(v128.load(at), lowest, v128.load(mask)));
    best = f32x4.pmax(best, v128.bitselect(v128.load(at, 16), lowest, v128.load(mask, 16)));
  }
  best = f32x4.pmax(best, v128.shuffle<f32>(best, best, 2, 3, 0, 1));
  best = f32x4.pmax(best, v128.shuffle<f32>(best, best, 1, 0, 3, 2));
  let sums = f32x4.splat(0);
  let predicted = -1;
  at = z;
  mask = classMask;
  for (let p = 0; p < panels; p++, at += stride, d += stride, mask += 32) {
    const z0 = v128.load(at);
    const z1 = v128.load(at, 16);
    const mask0 = v128.load(mask);
    const mask1 = v128.load(mask, 16);
    if (predicted < 0) {
      const tops =
        i32x4.bitmask(v128.and(f32x4.eq(z0, best), mask0)) |
        (i32x4.bitmask(v128.and(f32x4.eq(z1, best), mask1)) << 4);
      if (tops !== 0) predicted = (p << 3) + ctz(tops);
    }
    const e0 = v128.and(exp(f32x4.sub(z0, best)), mask0);
    const e1 = v128.and(exp(f32x4.sub(z1, best)), mask1);
    sums = f32x4.add(sums, f32x4.add(e0, e1));
    v128.store(d, e0);
    v128.store(d, e1, 16);
  }
  // A row of NaN has no top class: class 0, as an argmax that starts there would say.
  nCorrect += i32(max(predicted, 0) === target);
  expSum = sumLanes(sums);
  top = f32x4.extract_lane(best, 0);
}

@inline
function laneAddress(base: usize, stride: usize, column: i32): usize {
  return base + <usize>(column >> 3) * stride + (<usize>(column & 7) << 2);
}

/**
 * With the target distribution q (1 - smoothing on the target, the rest spread evenly) and a = q w:
 * l = sum of a_c (log sum e^z - z_c), dl/dz = softmax(z) sum(a) - a.
 */
@inline
function crossEntropy(
  z: usize,
  d: usize,
  stride: usize,
  target: i32,
  factor: f32,
  training: bool,
): f32 {
  softmaxParts(z, d, stride, target);
  const logSum = f32x4.extract_lane(log(f32x4.splat(expSum)), 0);
  const spread = smoothing / <f32>outputs;
  const onTarget = (<f32>1 - smoothing) * load<f32>(classWeights + (<usize>target << 2));
  const total = spread * classWeightSum + onTarget;
  let value = total * logSum - onTarget * (load<f32>(laneAddress(z, stride, target)) - top);
  if (spread > 0) {
    for (let c = 0; c < outputs; c++) {
      const weight = load<f32>(classWeights + (<usize>c << 2));
      value -= spread * weight * (load<f32>(laneAddress(z, stride, c)) - top);
    }
  }
  if (!training) return value;
  const share = f32x4.splat((total * factor) / expSum);
  const less = f32x4.splat(-spread * factor);
  const atTarget = laneAddress(d, stride, target);
  for (let p = 0, weights = classWeights; p < panels; p++, d += stride, weights += 32) {
    v128.store(d, madd(less, v128.load(weights), f32x4.mul(v128.load(d), share)));
    v128.store(d, madd(less, v128.load(weights, 16), f32x4.mul(v128.load(d, 16), share)), 16);
  }
  store<f32>(atTarget, load<f32>(atTarget) - onTarget * factor);
  return value;
}

/**
 * l = sum of a_c (1 - p_c)^gamma (-log p_c) with a as above. With u_c = a_c p_c times the derivative of the term by
 * p_c, that is a_c (gamma p_c (1 - p_c)^(gamma - 1) log p_c - (1 - p_c)^gamma): dl/dz = u - p sum(u).
 */
function focal(z: usize, d: usize, stride: usize, target: i32, factor: f32): f32 {
  softmaxParts(z, d, stride, target);
  const sum = f32x4.splat(expSum);
  const logSum = log(sum);
  const largest = f32x4.splat(top);
  const inverse = f32x4.splat(<f32>1 / expSum);
  const spread = f32x4.splat(smoothing / <f32>outputs);
  const exponent = f32x4.splat(gamma);
  const exponentLess = f32x4.splat(gamma - <f32>1);
  const smallest = f32x4.splat(1e-30);
  const start = d;
  let values = f32x4.splat(0);
  let sumU = f32x4.splat(0);
  let ids = i32x4(0, 1, 2, 3);
  const targets = i32x4.splat(target);
  const onTarget = f32x4.splat(<f32>1 - smoothing);
  for (let half = 0; half < panels * 2; half++) {
    const at = <usize>(half >> 1) * stride + (<usize>(half & 1) << 4);
    const lane = <usize>half << 4;
    const share = f32x4.add(spread, v128.and(i32x4.eq(ids, targets), onTarget));
    const a = f32x4.mul(share, v128.load(classWeights + lane));
    const e = v128.load(d + at);
    const p = f32x4.mul(e, inverse);
    const logP = v128.and(
      f32x4.sub(f32x4.sub(v128.load(z + at), largest), logSum),
      v128.load(classMask + lane),
    );
    const logRest = log(f32x4.pmax(f32x4.mul(f32x4.sub(sum, e), inverse), smallest));
    const power = exp(f32x4.mul(exponent, logRest));
    const powerLess = exp(f32x4.mul(exponentLess, logRest));
    values = f32x4.sub(values, f32x4.mul(f32x4.mul(a, power), logP));
    const bend = f32x4.mul(f32x4.mul(f32x4.mul(exponent, p), powerLess), logP);
    const u = f32x4.mul(a, f32x4.sub(bend, power));
    sumU = f32x4.add(sumU, u);
    v128.store(d + at, u);
    ids = i32x4.add(ids, i32x4.splat(4));
  }
  const total = f32x4.splat(sumLanes(sumU));
  const factors = f32x4.splat(factor);
  for (let half = 0; half < panels * 2; half++) {
    const at = <usize>(half >> 1) * stride + (<usize>(half & 1) << 4);
    // The probabilities again: `d` held them before the u.
    const logP = f32x4.sub(f32x4.sub(v128.load(z + at), largest), logSum);
    const p = v128.and(exp(logP), v128.load(classMask + (<usize>half << 4)));
    const u = v128.load(start + at);
    v128.store(start + at, f32x4.mul(factors, f32x4.sub(u, f32x4.mul(p, total))));
  }
  return sumLanes(values);
}

/** MSE, MAE and Huber: the mean over the targets of a row. */
@inline
function regression(z: usize, d: usize, stride: usize, target: usize, factor: f32): f32 {
  const zero = f32x4.splat(0);
  const share = f32x4.splat(factor / <f32>outputs);
  let values = zero;
  let squares = zero;
  let absolutes = zero;
  for (let left = outputs, half = 0; left > 0; left -= 4, half++, target += 16) {
    const at = <usize>(half >> 1) * stride + (<usize>(half & 1) << 4);
    const error = f32x4.sub(v128.load(z + at), v128.load(target));
    const size = f32x4.abs(error);
    const square = f32x4.mul(error, error);
    squares = f32x4.add(squares, square);
    absolutes = f32x4.add(absolutes, size);
    let slope: v128;
    if (kind === LOSS_MAE) {
      values = f32x4.add(values, size);
      const sign = v128.or(v128.and(error, f32x4.splat(-0.0)), f32x4.splat(1));
      // Zero where the error is zero; NaN stays.
      slope = v128.bitselect(error, sign, v128.or(f32x4.eq(error, zero), f32x4.ne(error, error)));
    } else if (kind === LOSS_HUBER) {
      const limit = f32x4.splat(delta);
      const inside = f32x4.pmin(size, limit);
      // delta (|e| - delta / 2) beyond delta, e^2 / 2 within.
      values = f32x4.add(
        values,
        f32x4.mul(inside, f32x4.sub(size, f32x4.mul(inside, f32x4.splat(0.5)))),
      );
      slope = v128.bitselect(inside, error, i32x4.splat(0x7fffffff));
    } else {
      values = f32x4.add(values, square);
      slope = f32x4.add(error, error);
    }
    v128.store(d + at, f32x4.mul(slope, share));
  }
  squaredError += <f64>sumLanes(squares);
  absoluteError += <f64>sumLanes(absolutes);
  return sumLanes(values) / <f32>outputs;
}
