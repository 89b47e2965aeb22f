import { toFronts, type Population } from './population.ts';

/**
 * How lonely each of these individuals is: over the objectives, the sum of the distance between its two neighbours in parts of the range.
 *
 * Deb et al. 2002, section III B. Infinite values: the range is that of the finite ones, and equal infinities have no distance.
 *
 * @returns In the order of `front`; Infinity for the best and the worst of an objective.
 */
export function crowdingDistances(
  { nObjectives, losses }: Population,
  front: readonly number[],
): Float64Array {
  const distances = new Float64Array(front.length);
  for (let k = 0; k < nObjectives; k++) {
    const value = (position: number) =>
      losses[(front[position] as number) * nObjectives + k] as number;
    const order = [...front.keys()].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return x === y ? a - b : x < y ? -1 : 1;
    });
    const sorted = order.map(value);
    if (sorted[0] === sorted.at(-1)) continue;
    const finite = sorted.filter(Number.isFinite);
    const width = (finite.at(-1) ?? 0) - (finite[0] ?? 0) || 1;
    order.forEach((position, i) => {
      const before = sorted[i - 1] ?? -Infinity;
      const after = sorted[i + 1] ?? Infinity;
      const gap = before === after ? 0 : after - before;
      distances[position] = (distances[position] as number) + gap / width;
    });
  }
  return distances;
}

/** Per individual how lonely it is in its front. */
export function crowdingOfAll(population: Population): Float64Array {
  const all = new Float64Array(population.rows.length);
  for (const front of toFronts(population))
    crowdingDistances(population, front).forEach(
      (distance, i) => (all[front[i] as number] = distance),
    );
  return all;
}

/** The loneliest of a front; of equal ones the first. */
export function chooseByCrowding(
  population: Population,
  front: readonly number[],
  nNeeded: number,
): number[] {
  const distances = crowdingDistances(population, front);
  const order = [...front.keys()].sort((a, b) => {
    const [x, y] = [distances[a] as number, distances[b] as number];
    return x === y ? a - b : x > y ? -1 : 1;
  });
  return order.slice(0, nNeeded).map((position) => front[position] as number);
}
