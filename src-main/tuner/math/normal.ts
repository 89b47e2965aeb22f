/**
 * The normal distribution and the normal distribution truncated to [a, b], exact far into the tails.
 *
 * Notation: Phi is the distribution function of the standard normal, phi its density. "Log mass" is log(Phi(b) - Phi(a)).
 * Error functions after W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969);
 * the quantile after M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988). Both are good to about 1e-16 relative.
 */
const SQRT_HALF = Math.SQRT1_2;
const SQRT_PI_INVERSE = 0.5641895835477563;
/** log(sqrt(2 pi)). */
export const LOG_SQRT_2PI = 0.9189385332046728;

/** exp(x^2) erfc(x) for x >= 0.46875. */
function scaledErfc(x: number): number {
  if (x <= 4) {
    const numerator =
      (((((((2.15311535474403846e-8 * x + 5.64188496988670089e-1) * x + 8.88314979438837594) * x +
        66.1191906371416295) *
        x +
        298.635138197400131) *
        x +
        881.95222124176909) *
        x +
        1712.04761263407058) *
        x +
        2051.07837782607147) *
        x +
      1230.33935479799725;
    const denominator =
      (((((((x + 15.7449261107098347) * x + 117.693950891312499) * x + 537.181101862009858) * x +
        1621.38957456669019) *
        x +
        3290.79923573345963) *
        x +
        4362.61909014324716) *
        x +
        3439.36767414372164) *
        x +
      1230.33935480374942;
    return numerator / denominator;
  }
  const y = 1 / (x * x);
  const numerator =
    ((((1.63153871373020978e-2 * y + 3.05326634961232344e-1) * y + 3.60344899949804439e-1) * y +
      1.25781726111229246e-1) *
      y +
      1.60837851487422766e-2) *
      y +
    6.58749161529837803e-4;
  const denominator =
    ((((y + 2.56852019228982242) * y + 1.87295284992346047) * y + 5.27905102951428412e-1) * y +
      6.05183413124413191e-2) *
      y +
    2.33520497626869185e-3;
  return (SQRT_PI_INVERSE - (y * numerator) / denominator) / x;
}

/** erf(x) for |x| <= 0.46875. */
function smallErf(x: number): number {
  const y = x * x;
  const numerator =
    (((1.85777706184603153e-1 * y + 3.1611237438705656) * y + 113.864154151050156) * y +
      377.485237685302021) *
      y +
    3209.37758913846947;
  const denominator =
    (((y + 23.6012909523441209) * y + 244.024637934444173) * y + 1282.61652607737228) * y +
    2844.23683343917062;
  return (x * numerator) / denominator;
}

/** exp(-x^2) without the rounding error of x^2. */
function expMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/** 1 - erf(x), with full relative precision also where it is tiny. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - smallErf(x);
  if (x > 0) return x > 27.3 ? 0 : expMinusSquare(x) * scaledErfc(x);
  return x < -6 ? 2 : 2 - expMinusSquare(-x) * scaledErfc(-x);
}

/** Phi(x). */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * SQRT_HALF);
}

/** log Phi(x), finite for every finite x. */
export function logNormalCdf(x: number): number {
  if (x > 0) return Math.log1p(-0.5 * erfc(x * SQRT_HALF));
  const t = -x * SQRT_HALF;
  if (t <= 0.46875) return Math.log(0.5 - 0.5 * smallErf(t));
  return Math.log(0.5 * scaledErfc(t)) - 0.5 * x * x;
}

/** log(Phi(b) - Phi(a)) for a <= b, without cancellation in the tails. -Infinity where a = b. */
export function logNormalMass(a: number, b: number): number {
  if (a > 0) return logNormalMass(-b, -a);
  if (b > 0) return Math.log1p(-normalCdf(a) - normalCdf(-b));
  const logB = logNormalCdf(b);
  return logB + Math.log1p(-Math.exp(logNormalCdf(a) - logB));
}

/** The x with Phi(x) = p, for p in (0, 1); -Infinity for 0, Infinity for 1. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const numerator =
      ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
        45921.953931549871457) *
        r +
        13731.693765509461125) *
        r +
        1971.5909503065514427) *
        r +
        133.14166789178437745) *
        r +
      3.387132872796366608;
    const denominator =
      ((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
        21213.794301586595867) *
        r +
        5394.1960214247511077) *
        r +
        687.1870074920579083) *
        r +
        42.313330701600911252) *
        r +
      1;
    return (q * numerator) / denominator;
  }
  const tail = q < 0 ? p : 1 - p;
  if (tail <= 0) return q < 0 ? -Infinity : Infinity;
  const x = tailQuantile(Math.sqrt(-Math.log(tail)));
  return q < 0 ? -x : x;
}

/** AS 241 for a tail of probability exp(-r^2); r up to 27. */
function tailQuantile(root: number): number {
  if (root <= 5) {
    const r = root - 1.6;
    const numerator =
      ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) *
        r +
        1.27045825245236838258) *
        r +
        3.64784832476320460504) *
        r +
        5.7694972214606914055) *
        r +
        4.6303378461565452959) *
        r +
      1.42343711074968357734;
    const denominator =
      ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r +
        0.0151986665636164571966) *
        r +
        0.14810397642748007459) *
        r +
        0.68976733498510000455) *
        r +
        1.6763848301838038494) *
        r +
        2.05319162663775882187) *
        r +
      1;
    return numerator / denominator;
  }
  const r = root - 5;
  const numerator =
    ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
      0.0012426609473880784386) *
      r +
      0.026532189526576123093) *
      r +
      0.29656057182850489123) *
      r +
      1.7848265399172913358) *
      r +
      5.4637849111641143699) *
      r +
    6.6579046435011037772;
  const denominator =
    ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r +
      1.8463183175100546818e-5) *
      r +
      7.868691311456132591e-4) *
      r +
      0.0148753612908506148525) *
      r +
      0.13692988092273580531) *
      r +
      0.59983220655588793769) *
      r +
    1;
  return numerator / denominator;
}

/** The x with log Phi(x) = y, for y < 0; also where exp(y) is no number any more. */
export function normalQuantileOfLog(y: number): number {
  if (y > -0.1) return -normalQuantile(-Math.expm1(y));
  if (y > -700) return normalQuantile(Math.exp(y));
  // Newton's method from the leading term of the tail, log Phi(x) ~ -x^2 / 2 - log(sqrt(2 pi)).
  let x = -Math.sqrt(-2 * (y + LOG_SQRT_2PI));
  for (let i = 0; i < 20; i++) {
    const logCdf = logNormalCdf(x);
    const step = (logCdf - y) * Math.exp(logCdf + 0.5 * x * x + LOG_SQRT_2PI);
    x -= step;
    if (Math.abs(step) < 1e-14 * Math.abs(x)) break;
  }
  return x;
}

/**
 * The quantile of the standard normal truncated to [a, b], a < b, bounds possibly infinite.
 *
 * @param q Probability in [0, 1].
 * @returns A number in [a, b].
 */
export function truncatedNormalQuantile(q: number, a: number, b: number): number {
  if (q <= 0) return a;
  if (q >= 1) return b;
  if (a >= 0) return -truncatedNormalQuantile(1 - q, -b, -a);
  const logMass = logNormalMass(a, b);
  let logLower = logAdd(logNormalCdf(a), Math.log(q) + logMass);
  let x: number;
  if (logLower < -0.5) x = normalQuantileOfLog(logLower);
  else {
    logLower = logAdd(logNormalCdf(-b), Math.log1p(-q) + logMass);
    x = -normalQuantileOfLog(logLower);
  }
  return Math.min(Math.max(x, a), b);
}

/** Log density at x of the standard normal truncated to [a, b]; -Infinity outside. */
export function truncatedNormalLogDensity(x: number, a: number, b: number): number {
  if (x < a || x > b) return -Infinity;
  return -0.5 * x * x - LOG_SQRT_2PI - logNormalMass(a, b);
}

/** log(exp(x) + exp(y)). */
function logAdd(x: number, y: number): number {
  const high = Math.max(x, y);
  const low = Math.min(x, y);
  return high === -Infinity ? -Infinity : high + Math.log1p(Math.exp(low - high));
}
