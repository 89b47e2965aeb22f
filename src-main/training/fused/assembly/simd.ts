/** Four-lane float32 arithmetic: products, sums over lanes, and exp, log, tanh and the normal distribution's tail. */

@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * A number of a table in all lanes. Constants that loops use live in memory, because V8 makes a literal anew, with
 * three instructions, wherever and as often as it is used; loading is one.
 */
@inline
export function constant(table: usize, index: usize = 0): v128 {
  return v128.load32_splat(table + (index << 2));
}

export const ONE = memory.data<f32>([1]);
export const HALF = memory.data<f32>([0.5]);
export const MAGNITUDE = memory.data<u32>([0x7fffffff]);
/** ln 2 in two parts: products of the first with small integers are exact. */
const LN_2 = memory.data<f32>([0.693359375, -2.1219444e-4]);

/** Lowest and highest argument, log2 e, 1.5 * 2^23 + 127, then the polynomial. */
const EXP = memory.data<f32>([
  -87.3, 88.3, 1.44269504, 12583039, 0.0013950489228591323, 0.008368889801204205,
  0.04166620597243309, 0.166665181517601, 0.5,
]);

/**
 * e^x - 1 = 2^n (e^r - 1) + (2^n - 1) with x = n ln 2 + r, |r| <= ln 2 / 2. Below -87.3 the result is that of
 * -87.3, above 88.3 that of 88.3; NaN stays NaN. The polynomial is a minimax fit, relative error 3e-9.
 */
@inline
function expParts(x: v128, minusOne: bool): v128 {
  x = f32x4.pmin(f32x4.pmax(x, constant(EXP, 0)), constant(EXP, 1));
  // Adding 1.5 * 2^23 rounds to an integer; the 127 more leaves the biased exponent in the low bits.
  const rounder = constant(EXP, 3);
  const biased = madd(x, constant(EXP, 2), rounder);
  const n = f32x4.sub(rounder, biased);
  const r = madd(n, constant(LN_2, 1), madd(n, constant(LN_2, 0), x));
  let p = madd(r, constant(EXP, 4), constant(EXP, 5));
  p = madd(p, r, constant(EXP, 6));
  p = madd(p, r, constant(EXP, 7));
  p = madd(p, r, constant(EXP, 8));
  const q = madd(f32x4.mul(r, r), p, r);
  const scale = i32x4.shl(biased, 23);
  if (minusOne) return madd(q, scale, f32x4.sub(scale, constant(ONE)));
  return madd(q, scale, scale);
}

@inline
export function exp(x: v128): v128 {
  return expParts(x, false);
}

@inline
export function expm1(x: v128): v128 {
  return expParts(x, true);
}

const LOG = memory.data<f32>([
  -0.07861265540122986, 0.1288369745016098, -0.13129079341888428, 0.14180928468704224,
  -0.1662449836730957, 0.20002296566963196, -0.25000810623168945, 0.33333316445350647, -0.5,
]);
/** The bits of sqrt(1/2). */
const LOG_START = memory.data<u32>([0x3f3504f3]);

/** Natural logarithm of a positive normal number; NaN stays NaN. Minimax fit, relative error 6e-9. */
@inline
export function log(x: v128): v128 {
  // Exponent relative to sqrt(1/2), so that the mantissa lies in [0.707, 1.414].
  const exponent = i32x4.shr_s(i32x4.sub(x, constant(LOG_START)), 23);
  const n = f32x4.convert_i32x4_s(exponent);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), constant(ONE));
  let p = madd(f, constant(LOG, 0), constant(LOG, 1));
  p = madd(p, f, constant(LOG, 2));
  p = madd(p, f, constant(LOG, 3));
  p = madd(p, f, constant(LOG, 4));
  p = madd(p, f, constant(LOG, 5));
  p = madd(p, f, constant(LOG, 6));
  p = madd(p, f, constant(LOG, 7));
  p = madd(p, f, constant(LOG, 8));
  const fraction = madd(f32x4.mul(f, f), p, f);
  const result = madd(n, constant(LN_2, 0), madd(n, constant(LN_2, 1), fraction));
  return v128.bitselect(result, x, f32x4.eq(x, x));
}

/** Where the two forms meet, then the polynomial. */
const TANH = memory.data<f32>([
  0.625, -0.005717036779969931, 0.020650578662753105, -0.05374349653720856, 0.13331490755081177,
  -0.3333328366279602,
]);

/** Odd polynomial (relative error 4e-9) below 0.625, 1 - 2 / (e^2|x| + 1) above. */
@inline
export function tanh(x: v128): v128 {
  const one = constant(ONE);
  const size = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let p = madd(s, constant(TANH, 1), constant(TANH, 2));
  p = madd(p, s, constant(TANH, 3));
  p = madd(p, s, constant(TANH, 4));
  p = madd(p, s, constant(TANH, 5));
  const small = madd(f32x4.mul(x, s), p, x);
  const e = exp(f32x4.add(size, size));
  const large = f32x4.sub(one, f32x4.div(f32x4.add(one, one), f32x4.add(e, one)));
  const signed = v128.bitselect(large, x, constant(MAGNITUDE));
  return v128.bitselect(signed, small, f32x4.gt(size, constant(TANH, 0)));
}

@inline
export function sigmoid(x: v128): v128 {
  const one = constant(ONE);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** 0.35 / sqrt 2, then the polynomial. */
const TAIL = memory.data<f32>([
  0.24748737341529164, 0.035393744707107544, -0.14254958927631378, 0.1428300440311432,
  0.023982075974345207, 0.043872565031051636, 0.16929779946804047, 0.14310762286186218,
  0.1896437257528305, 0.1969272643327713, 0.1974947303533554,
]);

/**
 * erfc(a / sqrt 2) e^(a^2 / 2) for a >= 0: t P(t) with t = 1 / (1 + 0.35 a / sqrt 2), a minimax fit with relative
 * error 4e-9. Half of it times e^(-a^2 / 2) is the upper tail of the normal distribution.
 */
@inline
export function normalTail(a: v128): v128 {
  const one = constant(ONE);
  const t = f32x4.div(one, madd(a, constant(TAIL, 0), one));
  let p = madd(t, constant(TAIL, 1), constant(TAIL, 2));
  p = madd(p, t, constant(TAIL, 3));
  p = madd(p, t, constant(TAIL, 4));
  p = madd(p, t, constant(TAIL, 5));
  p = madd(p, t, constant(TAIL, 6));
  p = madd(p, t, constant(TAIL, 7));
  p = madd(p, t, constant(TAIL, 8));
  p = madd(p, t, constant(TAIL, 9));
  p = madd(p, t, constant(TAIL, 10));
  return f32x4.mul(t, p);
}
