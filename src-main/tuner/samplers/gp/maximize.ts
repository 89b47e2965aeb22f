/**
 * The point of a mixed space where an acquisition is highest: many random points, then from the best of them, from some others and from
 * known good points a climb that takes turns between the continuous dimensions (L-BFGS) and each of the discrete ones.
 */
import { minimizeLbfgs } from '../../math/lbfgs.ts';
import { weightedIndex, type Rng } from '../../math/rng.ts';
import { randomPlaces } from '../../search-space/places.ts';
import type { Acquisition } from './acquisition.ts';
import type { MixedSpace } from './mixed-space.ts';

export interface MaximizeOptions {
  /** Good points to climb from too: n x nDims, row-major. */
  known: Float64Array;
  /** By dimension: a length over which the acquisition changes little. */
  lengths: ArrayLike<number>;
  /** @default 2048 */
  nCandidates?: number;
  /** Points from which it is climbed, the known ones included. @default 10 */
  nClimbs?: number;
}

const MAX_ROUNDS = 20;
const MAX_STEPS = 60;
const GRADIENT_TOLERANCE = 1e-3;
/** Up to so many values of a grid all are tried. */
const MAX_TRIED_VALUES = 16;
/** Steps of a grid with more values are not told apart. */
const FINEST_GRID = 1e6;
/** Climbs begin at least so far from the faces of the cube, where the slope along the way vanishes (see `climbSmooth`). */
const MARGIN = 1e-3;

export function maximizeAcquisition(
  acquisition: Acquisition,
  space: MixedSpace,
  rng: Rng,
  { known, lengths, nCandidates = 2048, nClimbs = 10 }: MaximizeOptions,
): Float64Array {
  const { nDims } = space;
  const rowOf = (points: Float64Array, i: number) => points.slice(i * nDims, (i + 1) * nDims);
  const candidates = randomPlaces(space.searchSpace, nCandidates, rng);
  const values = acquisition.evaluateAll(candidates).map(finiteOrLow);
  const nKnown = Math.min(known.length / nDims, nClimbs - 1);
  const starts = chooseStarts(values, nClimbs - nKnown, rng).map((i) => rowOf(candidates, i));
  for (let i = 0; i < nKnown; i++) starts.push(rowOf(known, i));
  let best = starts[0] as Float64Array;
  let bestValue = -Infinity;
  for (const start of starts) {
    const { point, value } = climb(acquisition, space, lengths, start);
    if (!(value > bestValue)) continue;
    best = point;
    bestValue = value;
  }
  return best;
}

/** The highest, and others with probabilities as their (not logarithmic) values. */
function chooseStarts(values: Float64Array, n: number, rng: Rng): number[] {
  let highest = 0;
  values.forEach((value, i) => {
    if (value > (values[highest] as number)) highest = i;
  });
  const top = values[highest] as number;
  const weights = values.map((value) => Math.exp(value - top));
  const chosen = [highest];
  weights[highest] = 0;
  while (chosen.length < n && weights.some((weight) => weight > 0)) {
    const next = weightedIndex(weights, rng);
    chosen.push(next);
    weights[next] = 0;
  }
  return chosen;
}

interface Place {
  readonly point: Float64Array;
  readonly value: number;
}

function climb(
  acquisition: Acquisition,
  space: MixedSpace,
  lengths: ArrayLike<number>,
  start: Float64Array,
): Place {
  let here: Place = { point: start, value: finiteOrLow(acquisition.evaluate(start, null)) };
  const smooth = indicesOf(space, 'continuous');
  const discrete = [...indicesOf(space, 'grid'), ...indicesOf(space, 'choice')];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = here;
    if (smooth.length > 0) here = climbSmooth(acquisition, lengths, smooth, here);
    if (round > 0 && here === before) break;
    const afterSmooth = here;
    for (const k of discrete)
      here =
        (space.nValues[k] as number) <= MAX_TRIED_VALUES || space.kinds[k] === 'choice'
          ? tryAll(acquisition, space, k, here)
          : climbGrid(acquisition, space, k, here);
    if (here === afterSmooth) break;
  }
  return here;
}

/**
 * Along the continuous dimensions, all others fixed. The way is over t with x = (1 - cos t) / 2, which stays in the unit cube; t is in
 * lengths, so that all dimensions are about equally bent.
 */
function climbSmooth(
  acquisition: Acquisition,
  lengths: ArrayLike<number>,
  dims: readonly number[],
  from: Place,
): Place {
  const point = from.point.slice();
  const scales = dims.map((k) => Math.min(Math.max(lengths[k] as number, 1e-3), 1));
  const place = (ts: Float64Array): void =>
    dims.forEach((k, i) => {
      point[k] = (1 - Math.cos((ts[i] as number) * (scales[i] as number))) / 2;
    });
  const byPoint = new Float64Array(point.length);
  const start = Float64Array.from(dims, (k, i) => {
    const x = Math.min(Math.max(from.point[k] as number, MARGIN), 1 - MARGIN);
    return Math.acos(1 - 2 * x) / (scales[i] as number);
  });
  const found = minimizeLbfgs(
    (ts, gradient) => {
      place(ts);
      const value = acquisition.evaluate(point, byPoint);
      dims.forEach((k, i) => {
        const scale = scales[i] as number;
        gradient[i] = (-(byPoint[k] as number) * Math.sin((ts[i] as number) * scale) * scale) / 2;
      });
      return -value;
    },
    start,
    { gradientTolerance: GRADIENT_TOLERANCE, maxIterations: MAX_STEPS },
  );
  if (!(-found.value > from.value)) return from;
  place(found.point);
  return { point, value: -found.value };
}

/** Every value of a discrete dimension. */
function tryAll(acquisition: Acquisition, space: MixedSpace, k: number, from: Place): Place {
  const isChoice = space.kinds[k] === 'choice';
  const first = isChoice ? 0 : space.shift(k, 0, 0);
  let best = from;
  for (let i = 0; i < (space.nValues[k] as number); i++)
    best = better(acquisition, best, k, isChoice ? i : space.shift(k, first, i));
  return best;
}

/** Along a long grid, in steps that begin with a quarter of it and are halved where they lead nowhere. */
function climbGrid(acquisition: Acquisition, space: MixedSpace, k: number, from: Place): Place {
  const nValues = space.nValues[k] as number;
  const shortest = Math.max(1, Math.floor(nValues / FINEST_GRID));
  let here = from;
  let stride = Math.ceil(nValues / 4);
  for (;;) {
    const before = here;
    for (const sign of [1, -1]) {
      const place = space.shift(k, before.point[k] as number, sign * stride);
      here = better(acquisition, here, k, place);
    }
    if (here !== before) continue;
    if (stride <= shortest) return here;
    stride = Math.ceil(stride / 2);
  }
}

function better(acquisition: Acquisition, from: Place, k: number, place: number): Place {
  if (place === from.point[k]) return from;
  const point = from.point.slice();
  point[k] = place;
  const value = acquisition.evaluate(point, null);
  return value > from.value ? { point, value } : from;
}

function indicesOf(space: MixedSpace, kind: string): number[] {
  return [...space.kinds.keys()].filter((k) => space.kinds[k] === kind);
}

function finiteOrLow(value: number): number {
  return Number.isNaN(value) ? -Infinity : value;
}
