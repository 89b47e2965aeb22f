/**
 * Minimizes a smooth function of several variables by L-BFGS: a quasi-Newton method that remembers the last few steps, with a line
 * search for the strong Wolfe conditions.
 *
 * Nocedal and Wright, "Numerical optimization", 2nd ed., algorithms 7.4, 7.5, 3.5 and 3.6.
 */

/** The value at a point; its gradient is written to `gradient`. NaN counts as infinitely bad. */
export type DifferentiableFunction = (point: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Ends when no component of the gradient is larger. @default 1e-5 */
  gradientTolerance?: number;
  /** Ends when a step lowers the value by less than this share of it (of 1 where it is smaller). @default 2.2e-9 */
  valueTolerance?: number;
  /** @default 200 */
  maxIterations?: number;
  /** Steps that are remembered. @default 10 */
  memory?: number;
}

export interface LbfgsResult {
  readonly point: Float64Array;
  readonly value: number;
  readonly nEvaluations: number;
}

/** Sufficient decrease and curvature of the Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_LINE_EVALUATIONS = 25;

/** @param start Where the function is finite; else it is returned as it is. */
export function minimizeLbfgs(
  evaluate: DifferentiableFunction,
  start: Float64Array,
  {
    gradientTolerance = 1e-5,
    valueTolerance = 2.2e-9,
    maxIterations = 200,
    memory = 10,
  }: LbfgsOptions = {},
): LbfgsResult {
  let nEvaluations = 0;
  const at = (point: Float64Array): Place => {
    nEvaluations++;
    const gradient = new Float64Array(point.length);
    const value = evaluate(point, gradient);
    return { point, gradient, value: Number.isNaN(value) ? Infinity : value };
  };
  let here = at(start.slice());
  const steps: Step[] = [];
  for (let i = 0; i < maxIterations && Number.isFinite(here.value); i++) {
    if (largest(here.gradient) <= gradientTolerance) break;
    let direction = descentDirection(here.gradient, steps);
    if (dot(direction, here.gradient) >= 0) {
      steps.length = 0;
      direction = here.gradient.map((slope) => -slope);
    }
    const firstLength = steps.length === 0 ? Math.min(1, 1 / norm(here.gradient)) : 1;
    const next = searchLine(at, here, direction, firstLength);
    if (next === null) {
      // The remembered steps mislead: once more along the gradient, then it is over.
      if (steps.length === 0) break;
      steps.length = 0;
      continue;
    }
    const moved = difference(next.point, here.point);
    const turned = difference(next.gradient, here.gradient);
    const curvature = dot(moved, turned);
    if (curvature > 1e-10 * norm(moved) * norm(turned)) steps.push({ moved, turned, curvature });
    if (steps.length > memory) steps.shift();
    const gain = here.value - next.value;
    here = next;
    if (gain <= valueTolerance * Math.max(1, Math.abs(next.value), Math.abs(next.value + gain)))
      break;
  }
  return { point: here.point, value: here.value, nEvaluations };
}

interface Place {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly curvature: number;
}

/** The two-loop recursion. */
function descentDirection(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const factors: number[] = [];
  for (const step of [...steps].reverse()) {
    const factor = dot(step.moved, direction) / step.curvature;
    factors.push(factor);
    addScaled(direction, step.turned, -factor);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = last.curvature / dot(last.turned, last.turned);
    for (let k = 0; k < direction.length; k++) direction[k] = (direction[k] as number) * scale;
  }
  for (const step of steps) {
    const factor = factors.pop() as number;
    addScaled(direction, step.moved, factor - dot(step.turned, direction) / step.curvature);
  }
  return direction;
}

/** A place along the direction that fulfils the strong Wolfe conditions, or at least is lower; null when none was found. */
function searchLine(
  at: (point: Float64Array) => Place,
  origin: Place,
  direction: Float64Array,
  firstLength: number,
): Place | null {
  const slope = dot(origin.gradient, direction);
  const probe = (length: number): Probe => {
    const point = origin.point.slice();
    addScaled(point, direction, length);
    const place = at(point);
    return { length, place, value: place.value, slope: dot(place.gradient, direction) };
  };
  const isLowEnough = ({ length, value }: Probe): boolean =>
    value <= origin.value + DECREASE * length * slope;
  const isFlatEnough = (one: Probe): boolean => Math.abs(one.slope) <= -CURVATURE * slope;

  let low: Probe = { length: 0, place: origin, value: origin.value, slope };
  let high: Probe | null = null;
  let length = firstLength;
  for (let i = 0; i < MAX_LINE_EVALUATIONS; i++) {
    const here = probe(length);
    if (!isLowEnough(here) || here.value >= low.value) high = here;
    else if (isFlatEnough(here)) return here.place;
    else {
      const goesUpTowardsHigh =
        high === null ? here.slope >= 0 : here.slope * (high.length - low.length) >= 0;
      if (goesUpTowardsHigh) high = low;
      low = here;
    }
    if (high === null) length *= 2;
    else {
      length = between(low, high);
      if (length === low.length || length === high.length) break;
    }
  }
  return low.length > 0 ? low.place : null;
}

interface Probe {
  readonly length: number;
  readonly place: Place;
  readonly value: number;
  readonly slope: number;
}

/** The minimum of the cubic through both, kept away from their ends; the middle where there is no cubic. */
function between(low: Probe, high: Probe): number {
  const width = high.length - low.length;
  const middle = low.length + width / 2;
  if (!Number.isFinite(high.value) || !Number.isFinite(high.slope)) return low.length + width / 10;
  const a = low.slope + high.slope - (3 * (low.value - high.value)) / (low.length - high.length);
  const root = Math.sign(width) * Math.sqrt(a * a - low.slope * high.slope);
  const length =
    high.length - (width * (high.slope + root - a)) / (high.slope - low.slope + 2 * root);
  if (!Number.isFinite(length)) return middle;
  const [near, far] = [low.length + 0.1 * width, high.length - 0.1 * width];
  return width > 0 ? Math.min(Math.max(length, near), far) : Math.max(Math.min(length, near), far);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function largest(a: Float64Array): number {
  let max = 0;
  for (const value of a) max = Math.max(max, Math.abs(value));
  return max;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, k) => value - (b[k] as number));
}

function addScaled(to: Float64Array, vector: Float64Array, factor: number): void {
  for (let k = 0; k < to.length; k++) to[k] = (to[k] as number) + factor * (vector[k] as number);
}
