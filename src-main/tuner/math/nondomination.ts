/**
 * Dominance among points to be minimized in every objective.
 *
 * `points` is nPoints x nObjectives, row-major, without NaN. A point dominates another when it is nowhere worse and somewhere better.
 */

/** Indices of the points in lexicographic order; equal points by index. */
export function lexicographicOrder(points: Float64Array, nObjectives: number): Int32Array {
  const order = Int32Array.from({ length: points.length / nObjectives }, (_, i) => i);
  return order.sort((a, b) => compareLexically(points, nObjectives, a, b) || a - b);
}

/** Negative, 0 or positive as point `a` comes before, equals, or comes after point `b`. */
export function compareLexically(
  points: Float64Array,
  nObjectives: number,
  a: number,
  b: number,
): number {
  for (let k = 0; k < nObjectives; k++) {
    const x = points[a * nObjectives + k] as number;
    const y = points[b * nObjectives + k] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Whether point `a` is nowhere worse than point `b` (equal points: yes). */
export function isNowhereWorse(
  points: Float64Array,
  nObjectives: number,
  a: number,
  b: number,
): boolean {
  for (let k = 0; k < nObjectives; k++)
    if ((points[a * nObjectives + k] as number) > (points[b * nObjectives + k] as number))
      return false;
  return true;
}

/**
 * Non-domination ranks: 0 for the Pareto front, 1 for the front of the rest, and so on; equal points have equal ranks.
 *
 * Two objectives take O(n log n) (each point joins, by binary search, the first front whose last member does not dominate it);
 * more take O(n x front) per front.
 *
 * @param nNeeded Ranks are only told apart until this many different points have one; all others get the next rank.
 */
export function nondominationRanks(
  points: Float64Array,
  nObjectives: number,
  nNeeded = Infinity,
): Int32Array {
  const order = lexicographicOrder(points, nObjectives);
  const ranks = new Int32Array(order.length);
  const unique = order.filter(
    (index, i) =>
      i === 0 || compareLexically(points, nObjectives, order[i - 1] as number, index) !== 0,
  );
  if (nObjectives === 1) unique.forEach((index, rank) => (ranks[index] = rank));
  else if (nObjectives === 2) rankPairs(points, unique, ranks);
  else peelFronts(points, nObjectives, unique, ranks, nNeeded);
  for (let i = 1; i < order.length; i++) {
    const index = order[i] as number;
    const previous = order[i - 1] as number;
    if (compareLexically(points, nObjectives, previous, index) === 0)
      ranks[index] = ranks[previous] as number;
  }
  return ranks;
}

function rankPairs(points: Float64Array, unique: Int32Array, ranks: Int32Array): void {
  // Of each front the second objective of its last member, which is its lowest; these grow from front to front.
  const lowest: number[] = [];
  for (const index of unique) {
    const value = points[2 * index + 1] as number;
    let low = 0;
    let high = lowest.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((lowest[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    lowest[low] = value;
    ranks[index] = low;
  }
}

function peelFronts(
  points: Float64Array,
  nObjectives: number,
  unique: Int32Array,
  ranks: Int32Array,
  nNeeded: number,
): void {
  let rest = unique;
  let rank = 0;
  while (rest.length > 0 && unique.length - rest.length < nNeeded) {
    const front: number[] = [];
    rest = rest.filter((index) => {
      // No later point of the lexicographic order dominates an earlier one.
      if (front.some((member) => isNowhereWorse(points, nObjectives, member, index))) return true;
      front.push(index);
      ranks[index] = rank;
      return false;
    });
    rank++;
  }
  for (const index of rest) ranks[index] = rank;
}
