/**
 * Hypervolume: the volume that is dominated by points, up to a reference point. All objectives are minimized.
 *
 * `points` is nPoints x nObjectives, row-major, without NaN.
 * While, Bradstreet and Barone, "A fast way of calculating exact hypervolumes" (WFG), IEEE Trans. Evol. Comput. 16 (2012).
 */
import { compareLexically, isNowhereWorse, lexicographicOrder } from './nondomination.ts';

/**
 * Exact; O(n log n) for two objectives, WFG for more. Points that are not below the reference point in every objective add nothing.
 *
 * @returns Infinity when the reference point or a point is infinitely far.
 */
export function hypervolume(points: Float64Array, reference: ArrayLike<number>): number {
  const nObjectives = reference.length;
  for (let k = 0; k < nObjectives; k++) if (!Number.isFinite(reference[k])) return Infinity;
  const inside = select(points, nObjectives, (row) => {
    for (let k = 0; k < nObjectives; k++)
      if (!((points[row * nObjectives + k] as number) < (reference[k] as number))) return false;
    return true;
  });
  const volume = volumeOf(nondominated(inside, nObjectives), reference);
  return Number.isNaN(volume) ? Infinity : volume;
}

/**
 * Greedy hypervolume subset selection: one after the other the point that adds most (of equal ones the first in
 * lexicographic order). At least 1 - 1/e of the best possible volume.
 *
 * Guerreiro, Fonseca and Paquete, "Greedy hypervolume subset selection in low dimensions", Evol. Comput. 24 (2016);
 * contributions only shrink as points are chosen, so they are brought up to date lazily.
 *
 * @param points No worse than the reference point anywhere.
 * @param size At most the number of points.
 * @returns Indices of the chosen points in the order of choice. Equal points are chosen again only when all different ones are.
 */
export function selectByHypervolume(
  points: Float64Array,
  reference: ArrayLike<number>,
  size: number,
): number[] {
  const nObjectives = reference.length;
  const order = lexicographicOrder(points, nObjectives);
  if (size >= order.length) return [...order];
  const unique: number[] = [];
  const repeated: number[] = [];
  order.forEach((index, i) => {
    const isNew =
      i === 0 || compareLexically(points, nObjectives, order[i - 1] as number, index) !== 0;
    (isNew ? unique : repeated).push(index);
  });
  if (unique.length <= size)
    return [...unique, ...repeated.sort((a, b) => a - b).slice(0, size - unique.length)];
  for (let k = 0; k < nObjectives; k++)
    if (!Number.isFinite(reference[k])) return unique.slice(0, size);
  return nObjectives === 2
    ? selectPairs(points, reference, unique, size)
    : selectLazily(points, reference, unique, size);
}

/** In the plane each choice cuts the rectangles that the others would add: those before it in x, those after it in y. */
function selectPairs(
  points: Float64Array,
  reference: ArrayLike<number>,
  unique: readonly number[],
  size: number,
): number[] {
  const rest = unique.map((index) => ({
    index,
    x: points[2 * index] as number,
    y: points[2 * index + 1] as number,
    cornerX: reference[0] as number,
    cornerY: reference[1] as number,
  }));
  const chosen: number[] = [];
  while (chosen.length < size) {
    let best = 0;
    let bestArea = -Infinity;
    rest.forEach((point, i) => {
      const area = (point.cornerX - point.x) * (point.cornerY - point.y);
      if (!(area > bestArea)) return;
      best = i;
      bestArea = area;
    });
    const [taken] = rest.splice(best, 1) as [(typeof rest)[number]];
    chosen.push(taken.index);
    rest.forEach((point, i) => {
      if (i < best) point.cornerX = Math.min(point.cornerX, taken.x);
      else point.cornerY = Math.min(point.cornerY, taken.y);
    });
  }
  return chosen;
}

function selectLazily(
  points: Float64Array,
  reference: ArrayLike<number>,
  unique: readonly number[],
  size: number,
): number[] {
  const nObjectives = reference.length;
  const point = (index: number) => points.subarray(index * nObjectives, (index + 1) * nObjectives);
  const rest = unique.map((index) => ({ index, bound: boxVolume(point(index), reference) }));
  const chosen: number[] = [];
  while (chosen.length < size) {
    let best = -1;
    let bestContribution = -Infinity;
    const byBound = [...rest.keys()].sort((a, b) => {
      const difference = (rest[b]?.bound as number) - (rest[a]?.bound as number);
      return Number.isNaN(difference) ? a - b : difference || a - b;
    });
    for (const i of byBound) {
      const candidate = rest[i] as (typeof rest)[number];
      if (candidate.bound < bestContribution) break;
      if (chosen.length > 0 && Number.isFinite(candidate.bound))
        candidate.bound = contribution(point(candidate.index), chosen.map(point), reference);
      if (candidate.bound > bestContribution || (candidate.bound === bestContribution && i < best))
        [best, bestContribution] = [i, candidate.bound];
    }
    const [taken] = rest.splice(best, 1) as [(typeof rest)[number]];
    chosen.push(taken.index);
  }
  return chosen;
}

/** What `point` adds to the volume of `others`: its own box less the part they dominate. */
function contribution(
  point: Float64Array,
  others: readonly Float64Array[],
  reference: ArrayLike<number>,
): number {
  const nObjectives = reference.length;
  const limited = new Float64Array(others.length * nObjectives);
  others.forEach((other, i) => {
    for (let k = 0; k < nObjectives; k++)
      limited[i * nObjectives + k] = Math.max(other[k] as number, point[k] as number);
  });
  return boxVolume(point, reference) - volumeOf(nondominated(limited, nObjectives), reference);
}

function boxVolume(point: ArrayLike<number>, reference: ArrayLike<number>): number {
  let volume = 1;
  for (let k = 0; k < reference.length; k++)
    volume *= (reference[k] as number) - (point[k] as number);
  return volume;
}

/** Volume of points that are in lexicographic order and do not dominate each other. */
function volumeOf(front: Float64Array, reference: ArrayLike<number>): number {
  const nObjectives = reference.length;
  const nPoints = front.length / nObjectives;
  if (nObjectives === 2) {
    let volume = 0;
    let ceiling = reference[1] as number;
    for (let i = 0; i < nPoints; i++) {
      volume +=
        ((reference[0] as number) - (front[2 * i] as number)) *
        (ceiling - (front[2 * i + 1] as number));
      ceiling = front[2 * i + 1] as number;
    }
    return volume;
  }
  let volume = 0;
  for (let i = 0; i < nPoints; i++) {
    const point = front.subarray(i * nObjectives, (i + 1) * nObjectives);
    const later = Array.from({ length: nPoints - i - 1 }, (_, j) =>
      front.subarray((i + 1 + j) * nObjectives, (i + 2 + j) * nObjectives),
    );
    volume +=
      later.length === 0 ? boxVolume(point, reference) : contribution(point, later, reference);
  }
  return volume;
}

/** The points that no other one dominates, each once, in lexicographic order. */
function nondominated(points: Float64Array, nObjectives: number): Float64Array {
  const front: number[] = [];
  if (nObjectives === 2) {
    for (const index of lexicographicOrder(points, 2)) {
      const last = front.at(-1);
      if (
        last === undefined ||
        (points[2 * index + 1] as number) < (points[2 * last + 1] as number)
      )
        front.push(index);
    }
  } else {
    for (const index of lexicographicOrder(points, nObjectives))
      if (!front.some((member) => isNowhereWorse(points, nObjectives, member, index)))
        front.push(index);
  }
  const selected = new Float64Array(front.length * nObjectives);
  front.forEach((index, i) =>
    selected.set(points.subarray(index * nObjectives, (index + 1) * nObjectives), i * nObjectives),
  );
  return selected;
}

function select(
  points: Float64Array,
  nObjectives: number,
  isKept: (row: number) => boolean,
): Float64Array {
  const kept: number[] = [];
  for (let row = 0; row < points.length / nObjectives; row++)
    if (isKept(row)) kept.push(...points.subarray(row * nObjectives, (row + 1) * nObjectives));
  return Float64Array.from(kept);
}
