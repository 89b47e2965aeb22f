/**
 * Activation and dropout of one layer in one pass over its panels, in place. Every activation maps 0 to 0, so
 * padding stays zero.
 *
 * The backward pass needs slopes, the derivative times the dropout factor. They are made here, where the value
 * before the activation and the mask are at hand.
 */
import {
  ACTIVATION_ELU,
  ACTIVATION_GELU,
  ACTIVATION_LEAKY_RELU,
  ACTIVATION_LINEAR,
  ACTIVATION_RELU,
  ACTIVATION_SELU,
  ACTIVATION_SWISH,
  ACTIVATION_TANH,
} from './layout';
import { hashUnits, key0, key1 } from './dropout';
import {
  constant,
  exp,
  expm1,
  HALF,
  madd,
  normalTail,
  ONE,
  sigmoid,
  tanh,
} from './simd';

const LEAKY_SLOPE = memory.data<f32>([0.01]);
/** Scale, and scale times alpha. */
const SELU = memory.data<f32>([1.0507009873554805, 1.7580993408473766]);
/** 1 / sqrt(2 pi) */
const DENSITY_SCALE = memory.data<f32>([0.3989422804014327]);

@inline
function store(y: v128, slope: v128, factor: v128, at: usize, slopes: usize): void {
  v128.store(at, f32x4.mul(y, factor));
  v128.store(slopes, f32x4.mul(slope, factor));
}

/** Four units at `at`; `slopes` is 0 outside training. */
@inline
function activateFour(kind: i32, training: bool, factor: v128, at: usize, slopes: usize): void {
  const z = v128.load(at);
  const zero = f32x4.splat(0);
  const one = constant(ONE);
  let y = z;
  let slope = one;
  if (kind === ACTIVATION_RELU) {
    y = f32x4.pmax(z, zero);
    slope = v128.and(f32x4.gt(z, zero), one);
  } else if (kind === ACTIVATION_LEAKY_RELU) {
    slope = v128.bitselect(one, constant(LEAKY_SLOPE), f32x4.gt(z, zero));
    y = f32x4.mul(z, slope);
  } else if (kind === ACTIVATION_ELU) {
    const below = expm1(z);
    const positive = f32x4.gt(z, zero);
    y = v128.bitselect(z, below, positive);
    slope = v128.bitselect(one, f32x4.add(below, one), positive);
  } else if (kind === ACTIVATION_SELU) {
    const below = f32x4.mul(expm1(z), constant(SELU, 1));
    const positive = f32x4.gt(z, zero);
    y = v128.bitselect(f32x4.mul(z, constant(SELU, 0)), below, positive);
    slope = v128.bitselect(
      constant(SELU, 0),
      f32x4.add(below, constant(SELU, 1)),
      positive,
    );
  } else if (kind === ACTIVATION_GELU) {
    const half = constant(HALF);
    const density = exp(f32x4.neg(f32x4.mul(f32x4.mul(z, z), half)));
    const tail = f32x4.mul(f32x4.mul(normalTail(f32x4.abs(z)), density), half);
    const probability = v128.bitselect(f32x4.sub(one, tail), tail, f32x4.gt(z, zero));
    y = f32x4.mul(z, probability);
    slope = madd(f32x4.mul(z, density), constant(DENSITY_SCALE), probability);
  } else if (kind === ACTIVATION_SWISH) {
    const s = sigmoid(z);
    y = f32x4.mul(z, s);
    slope = madd(y, f32x4.sub(one, s), s);
  } else if (kind === ACTIVATION_TANH) {
    y = tanh(z);
    slope = f32x4.sub(one, f32x4.mul(y, y));
  }
  if (training) store(y, slope, factor, at, slopes);
  else v128.store(at, y);
}

@inline
function activatePanels(kind: i32, z: usize, stride: usize, units: i32, rows: i32): void {
  for (; units > 0; units -= 8, z += stride) {
    for (let at = z, end = z + (<usize>rows << 5); at < end; at += 16) {
      activateFour(kind, false, f32x4.splat(1), at, 0);
    }
  }
}

/** Prediction: activation only. `rows` is a multiple of 4. */
export function activate(kind: i32, z: usize, stride: usize, units: i32, rows: i32): void {
  switch (kind) {
    case ACTIVATION_RELU:
      return activatePanels(ACTIVATION_RELU, z, stride, units, rows);
    case ACTIVATION_LEAKY_RELU:
      return activatePanels(ACTIVATION_LEAKY_RELU, z, stride, units, rows);
    case ACTIVATION_ELU:
      return activatePanels(ACTIVATION_ELU, z, stride, units, rows);
    case ACTIVATION_GELU:
      return activatePanels(ACTIVATION_GELU, z, stride, units, rows);
    case ACTIVATION_SELU:
      return activatePanels(ACTIVATION_SELU, z, stride, units, rows);
    case ACTIVATION_SWISH:
      return activatePanels(ACTIVATION_SWISH, z, stride, units, rows);
    case ACTIVATION_TANH:
      return activatePanels(ACTIVATION_TANH, z, stride, units, rows);
  }
}

@inline
function trainPanels(
  kind: i32,
  z: usize,
  slopes: usize,
  stride: usize,
  units: i32,
  rows: i32,
  firstRow: i32,
  threshold: i32,
  scale: f32,
): void {
  const ones = f32x4.splat(1);
  if (threshold === 0) {
    for (let left = units; left > 0; left -= 8, z += stride, slopes += stride) {
      for (let offset: usize = 0, end = <usize>rows << 5; offset < end; offset += 16) {
        activateFour(kind, true, ones, z + offset, slopes + offset);
      }
    }
    return;
  }
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const limit = i32x4.splat(threshold);
  const kept = f32x4.splat(scale);
  let first = i32x4.add(i32x4.splat(firstRow * units), i32x4(0, 1, 2, 3));
  for (let left = units; left > 0; left -= 8, z += stride, slopes += stride) {
    let unit = first;
    for (let offset: usize = 0, end = <usize>rows << 5; offset < end; offset += 32) {
      const next = i32x4.add(unit, i32x4.splat(4));
      const keep0 = v128.and(i32x4.ge_s(hashUnits(unit, k0, k1), limit), kept);
      const keep1 = v128.and(i32x4.ge_s(hashUnits(next, k0, k1), limit), kept);
      activateFour(kind, true, keep0, z + offset, slopes + offset);
      activateFour(kind, true, keep1, z + offset + 16, slopes + offset + 16);
      unit = i32x4.add(unit, i32x4.splat(units));
    }
    first = i32x4.add(first, i32x4.splat(8));
  }
}

/**
 * Training: activation, dropout and slopes. `firstRow` is the position in the batch of the first of these rows,
 * `rows` a multiple of 4; a `threshold` of 0 means no dropout.
 */
export function activateForTraining(
  kind: i32,
  z: usize,
  slopes: usize,
  stride: usize,
  units: i32,
  rows: i32,
  firstRow: i32,
  threshold: i32,
  scale: f32,
): void {
  switch (kind) {
    case ACTIVATION_RELU:
      return trainPanels(ACTIVATION_RELU, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_LEAKY_RELU:
      return trainPanels(ACTIVATION_LEAKY_RELU, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_ELU:
      return trainPanels(ACTIVATION_ELU, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_GELU:
      return trainPanels(ACTIVATION_GELU, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_SELU:
      return trainPanels(ACTIVATION_SELU, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_SWISH:
      return trainPanels(ACTIVATION_SWISH, z, slopes, stride, units, rows, firstRow, threshold, scale);
    case ACTIVATION_TANH:
      return trainPanels(ACTIVATION_TANH, z, slopes, stride, units, rows, firstRow, threshold, scale);
    default:
      return trainPanels(ACTIVATION_LINEAR, z, slopes, stride, units, rows, firstRow, threshold, scale);
  }
}
