/**
 * Selection of NSGA-III: of the front that does not fit as a whole, those are taken that lie near lonely reference directions.
 *
 * Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based nondominated sorting approach, part I", IEEE
 * Trans. Evol. Comput. 18 (2014), sections IV B to IV E. Notation: m objectives; points are nPoints x m, row-major, minimized.
 */
import type { Rng } from '../../math/rng.ts';
import type { Population } from './population.ts';

/** By how many ranges infinite values lie outside of the finite ones. */
const FAR = 3;

/** Evenly spread directions after Das and Dennis: all ways of dividing `nDivisions` among the objectives. */
export function referencePoints(nObjectives: number, nDivisions: number): number[][] {
  if (nObjectives === 1) return [[nDivisions]];
  const points: number[][] = [];
  for (let first = nDivisions; first >= 0; first--)
    for (const rest of referencePoints(nObjectives - 1, nDivisions - first))
      points.push([first, ...rest]);
  return points;
}

/**
 * @param chosen Indices of the individuals that are in.
 * @param front Those of which `nNeeded` are wanted.
 */
export function chooseByNiches(
  population: Population,
  chosen: readonly number[],
  front: readonly number[],
  nNeeded: number,
  references: readonly (readonly number[])[],
  rng: Rng,
): number[] {
  const points = normalize(finiteLosses(population, [...chosen, ...front]), population.nObjectives);
  const niches = associate(points, population.nObjectives, references);
  const counts = new Map<number, number>();
  for (const { niche } of niches.slice(0, chosen.length))
    counts.set(niche, (counts.get(niche) ?? 0) + 1);
  const candidates = new Map<number, { index: number; distance: number }[]>();
  niches.slice(chosen.length).forEach(({ niche, distance }, i) => {
    const known = candidates.get(niche) ?? [];
    candidates.set(niche, [...known, { index: front[i] as number, distance }]);
  });

  const taken: number[] = [];
  while (taken.length < nNeeded) {
    const open = [...candidates.keys()].sort((a, b) => a - b);
    const fewest = Math.min(...open.map((niche) => counts.get(niche) ?? 0));
    const loneliest = open.filter((niche) => (counts.get(niche) ?? 0) === fewest);
    const niche = loneliest[rng.integer(loneliest.length)] as number;
    const inNiche = candidates.get(niche) as { index: number; distance: number }[];
    // The first in a niche is the one nearest to its line, the others any.
    let at = rng.integer(inNiche.length);
    if (fewest === 0) {
      at = 0;
      inNiche.forEach(({ distance }, i) => {
        if (distance < (inNiche[at]?.distance as number)) at = i;
      });
    }
    const [one] = inNiche.splice(at, 1);
    taken.push(one?.index as number);
    counts.set(niche, fewest + 1);
    if (inNiche.length === 0) candidates.delete(niche);
  }
  return taken;
}

/** Infinite losses brought to some ranges beyond the finite ones. */
function finiteLosses(
  { losses, nObjectives }: Population,
  indices: readonly number[],
): Float64Array {
  const points = Float64Array.from(
    indices.flatMap((i) => [...losses.subarray(i * nObjectives, (i + 1) * nObjectives)]),
  );
  for (let k = 0; k < nObjectives; k++) {
    const finite = column(points, nObjectives, k).filter(Number.isFinite);
    const low = finite.length > 0 ? Math.min(...finite) : 0;
    const high = finite.length > 0 ? Math.max(...finite) : 0;
    const room = Math.min(FAR * (high - low), Number.MAX_VALUE / 4);
    for (let at = k; at < points.length; at += nObjectives)
      points[at] = Math.min(Math.max(points[at] as number, low - room), high + room);
  }
  return points;
}

/** Moves the ideal point to 0 and the plane through the extreme points to where the coordinates sum to 1. */
export function normalize(points: Float64Array, nObjectives: number): Float64Array {
  const moved = points.slice();
  for (let k = 0; k < nObjectives; k++) {
    const ideal = Math.min(...column(points, nObjectives, k));
    for (let at = k; at < moved.length; at += nObjectives)
      moved[at] = (moved[at] as number) - ideal;
  }
  const inverse =
    solve(extremePoints(moved, nObjectives), nObjectives) ?? inverseMaxima(moved, nObjectives);
  return moved.map((value, at) => value * (inverse[at % nObjectives] as number));
}

/** Per objective the point that is nearest to its axis (the smallest achievement scalarizing function). */
function extremePoints(points: Float64Array, m: number): Float64Array {
  const extremes = new Float64Array(m * m);
  for (let axis = 0; axis < m; axis++) {
    let best = 0;
    let lowest = Infinity;
    for (let i = 0; i * m < points.length; i++) {
      let height = 0;
      for (let k = 0; k < m; k++)
        height = Math.max(height, (points[i * m + k] as number) * (k === axis ? 1 : 1e6));
      if (height < lowest) [best, lowest] = [i, height];
    }
    extremes.set(points.subarray(best * m, (best + 1) * m), axis * m);
  }
  return extremes;
}

/** Where the plane through the points cuts the axes, inverted; null where it cuts one of them not, or on the wrong side. */
function solve(extremes: Float64Array, m: number): Float64Array | null {
  const a = extremes.slice();
  const b = new Float64Array(m).fill(1);
  for (let k = 0; k < m; k++) {
    let pivot = k;
    for (let i = k + 1; i < m; i++)
      if (Math.abs(a[i * m + k] as number) > Math.abs(a[pivot * m + k] as number)) pivot = i;
    for (let j = 0; j < m; j++)
      [a[k * m + j], a[pivot * m + j]] = [a[pivot * m + j] as number, a[k * m + j] as number];
    [b[k], b[pivot]] = [b[pivot] as number, b[k] as number];
    for (let i = k + 1; i < m; i++) {
      const factor = (a[i * m + k] as number) / (a[k * m + k] as number);
      for (let j = k; j < m; j++)
        a[i * m + j] = (a[i * m + j] as number) - factor * (a[k * m + j] as number);
      b[i] = (b[i] as number) - factor * (b[k] as number);
    }
  }
  for (let k = m - 1; k >= 0; k--) {
    let rest = b[k] as number;
    for (let j = k + 1; j < m; j++) rest -= (a[k * m + j] as number) * (b[j] as number);
    b[k] = rest / (a[k * m + k] as number);
  }
  return b.every((x) => Number.isFinite(x) && x > 0) ? b : null;
}

function inverseMaxima(points: Float64Array, m: number): Float64Array {
  return Float64Array.from({ length: m }, (_, k) => {
    const highest = Math.max(...column(points, m, k));
    return highest > 0 ? 1 / highest : 1;
  });
}

/** Per point the reference whose line through 0 is nearest, and its distance. */
function associate(
  points: Float64Array,
  m: number,
  references: readonly (readonly number[])[],
): { niche: number; distance: number }[] {
  const directions = references.map((reference) => {
    const length = Math.hypot(...reference);
    return reference.map((x) => x / length);
  });
  return Array.from({ length: points.length / m }, (_, i) => {
    const point = points.subarray(i * m, (i + 1) * m);
    let niche = 0;
    let distance = Infinity;
    directions.forEach((direction, r) => {
      const along = direction.reduce((sum, x, k) => sum + x * (point[k] as number), 0);
      const apart = Math.hypot(...direction.map((x, k) => (point[k] as number) - along * x));
      if (apart < distance) [niche, distance] = [r, apart];
    });
    return { niche, distance };
  });
}

function column(points: Float64Array, m: number, k: number): number[] {
  return Array.from({ length: points.length / m }, (_, i) => points[i * m + k] as number);
}
