/** Four-lane float32 arithmetic: products, horizontal sums, 4x4 transposition, exp, log, tanh and erfc. */

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

/** `x` and `lo` must not be swapped: a NaN in `x` passes through. */
@inline
export function atLeast(x: v128, lo: v128): v128 {
  return f32x4.pmax(x, lo);
}

/**
 * e^x - 1 = 2^n (e^r - 1) + (2^n - 1) with x = n ln 2 + r, |r| <= ln 2 / 2. Below -87.3 the result is that of
 * -87.3, above 88.3 that of 88.3; NaN stays NaN. The polynomial is a minimax fit, relative error 3e-9.
 */
@inline
function expParts(x: v128, minusOne: bool): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.3)), f32x4.splat(88.3));
  // Adding 1.5 * 2^23 rounds to an integer; the 127 more leaves the biased exponent in the low bits.
  const biased = madd(x, f32x4.splat(1.44269504), f32x4.splat(12583039.0));
  const n = f32x4.sub(biased, f32x4.splat(12583039.0));
  let r = madd(n, f32x4.splat(-0.693359375), x);
  r = madd(n, f32x4.splat(2.12194440e-4), r);
  let p = madd(r, f32x4.splat(0.0013950489228591323), f32x4.splat(0.008368889801204205));
  p = madd(p, r, f32x4.splat(0.04166620597243309));
  p = madd(p, r, f32x4.splat(0.166665181517601));
  p = madd(p, r, f32x4.splat(0.5));
  const q = madd(f32x4.mul(r, r), p, r);
  const scale = i32x4.shl(biased, 23);
  if (minusOne) return madd(q, scale, f32x4.sub(scale, f32x4.splat(1.0)));
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

/** Natural logarithm of a positive normal number; NaN stays NaN. Minimax fit, relative error 6e-9. */
@inline
export function log(x: v128): v128 {
  // Exponent relative to sqrt(1/2), so that the mantissa lies in [0.707, 1.414].
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = i32x4.shr_s(shifted, 23);
  const n = f32x4.convert_i32x4_s(e);
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  const f = f32x4.sub(m, f32x4.splat(1.0));
  let p = madd(f, f32x4.splat(-0.07861265540122986), f32x4.splat(0.1288369745016098));
  p = madd(p, f, f32x4.splat(-0.13129079341888428));
  p = madd(p, f, f32x4.splat(0.14180928468704224));
  p = madd(p, f, f32x4.splat(-0.1662449836730957));
  p = madd(p, f, f32x4.splat(0.20002296566963196));
  p = madd(p, f, f32x4.splat(-0.25000810623168945));
  p = madd(p, f, f32x4.splat(0.33333316445350647));
  p = madd(p, f, f32x4.splat(-0.5));
  const ff = f32x4.mul(f, f);
  const small = madd(n, f32x4.splat(-2.12194440e-4), madd(ff, p, f));
  const result = madd(n, f32x4.splat(0.693359375), small);
  return v128.bitselect(result, x, f32x4.eq(x, x));
}

/** Odd polynomial (relative error 4e-9) below 0.625, 1 - 2 / (e^2|x| + 1) above. */
@inline
export function tanh(x: v128): v128 {
  const a = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let p = madd(s, f32x4.splat(-0.005717036779969931), f32x4.splat(0.020650578662753105));
  p = madd(p, s, f32x4.splat(-0.05374349653720856));
  p = madd(p, s, f32x4.splat(0.13331490755081177));
  p = madd(p, s, f32x4.splat(-0.3333328366279602));
  const small = madd(f32x4.mul(x, s), p, x);
  const e = exp(f32x4.add(a, a));
  const large = f32x4.sub(
    f32x4.splat(1.0),
    f32x4.div(f32x4.splat(2.0), f32x4.add(e, f32x4.splat(1.0))),
  );
  const signed = v128.bitselect(large, x, i32x4.splat(0x7fffffff));
  return v128.bitselect(signed, small, f32x4.gt(a, f32x4.splat(0.625)));
}

@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1.0);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/**
 * erfc(a / sqrt 2) e^(a^2 / 2) for a >= 0: t P(t) with t = 1 / (1 + 0.35 a / sqrt 2), a minimax fit with relative
 * error 4e-9. Half of it times e^(-a^2 / 2) is the upper tail of the normal distribution.
 */
@inline
export function normalTail(a: v128): v128 {
  const one = f32x4.splat(1.0);
  const t = f32x4.div(one, madd(a, f32x4.splat(0.24748737341529164), one));
  let p = madd(t, f32x4.splat(0.035393744707107544), f32x4.splat(-0.14254958927631378));
  p = madd(p, t, f32x4.splat(0.1428300440311432));
  p = madd(p, t, f32x4.splat(0.023982075974345207));
  p = madd(p, t, f32x4.splat(0.043872565031051636));
  p = madd(p, t, f32x4.splat(0.16929779946804047));
  p = madd(p, t, f32x4.splat(0.14310762286186218));
  p = madd(p, t, f32x4.splat(0.1896437257528305));
  p = madd(p, t, f32x4.splat(0.1969272643327713));
  p = madd(p, t, f32x4.splat(0.1974947303533554));
  return f32x4.mul(t, p);
}
