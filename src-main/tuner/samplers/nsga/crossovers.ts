/**
 * Crossovers of real-coded genetic algorithms: the coordinates of a child from those of its parents.
 *
 * All work in the unit cube, so that the scales of the parameters make no difference, and may leave it. Notation: n coordinates, parents p1, p2, p3.
 */
import type { Rng } from '../../math/rng.ts';

export const crossoverNames = ['uniform', 'blx-alpha', 'spx', 'sbx', 'vsbx', 'undx'] as const;
export type CrossoverName = (typeof crossoverNames)[number];

export interface CrossoverOptions {
  /** uniform: the probability of taking a coordinate from the second parent. */
  readonly swappingProb: number;
  /** blx-alpha: by how much of their distance children may lie beyond their parents. */
  readonly alpha: number;
  /** spx: by how much the simplex of the parents is enlarged; null: sqrt(n + 2). */
  readonly epsilon: number | null;
  /** sbx, vsbx: the larger, the nearer are children to their parents. */
  readonly eta: number;
  /** sbx, vsbx: the probability that a coordinate is the other child's. */
  readonly uniformCrossoverProb: number;
  /** sbx, vsbx: the probability that a coordinate is a child's and not a parent's. */
  readonly useChildGeneProb: number;
  /** undx: deviation along the line of the first two parents, in parts of their distance. */
  readonly sigmaXi: number;
  /** undx: deviation across, in parts of the third parent's distance; null: 0.35 / sqrt(n). */
  readonly sigmaEta: number | null;
}

export type Crossover = (
  parents: readonly Float64Array[],
  options: CrossoverOptions,
  rng: Rng,
) => Float64Array;

/** How many parents each needs, and what it does. */
export const crossovers: Readonly<
  Record<CrossoverName, { readonly nParents: number; readonly cross: Crossover }>
> = {
  uniform: { nParents: 2, cross: uniform },
  'blx-alpha': { nParents: 2, cross: blend },
  spx: { nParents: 3, cross: simplex },
  sbx: { nParents: 2, cross: simulatedBinary },
  vsbx: { nParents: 2, cross: modifiedSimulatedBinary },
  undx: { nParents: 3, cross: unimodalNormal },
};

/** Syswerda, "Uniform crossover in genetic algorithms", ICGA 1989. */
function uniform(
  [p1, p2]: readonly Float64Array[],
  { swappingProb }: CrossoverOptions,
  rng: Rng,
): Float64Array {
  return (p1 as Float64Array).map((x, i) =>
    rng.uniform() < swappingProb ? (p2?.[i] as number) : x,
  );
}

/** Eshelman and Schaffer, "Real-coded genetic algorithms and interval-schemata", FOGA 1992. */
function blend(
  [p1, p2]: readonly Float64Array[],
  { alpha }: CrossoverOptions,
  rng: Rng,
): Float64Array {
  return (p1 as Float64Array).map((x, i) => {
    const y = p2?.[i] as number;
    const room = alpha * Math.abs(x - y);
    const low = Math.min(x, y) - room;
    const high = Math.max(x, y) + room;
    return low + (high - low) * rng.uniform();
  });
}

/** Tsutsui, Goldberg and Sastry, "Progress toward linkage learning in real-coded GAs with simplex crossover", IlliGAL 2000. */
function simplex(
  parents: readonly Float64Array[],
  { epsilon }: CrossoverOptions,
  rng: Rng,
): Float64Array {
  const n = (parents[0] as Float64Array).length;
  const expansion = epsilon ?? Math.sqrt(n + 2);
  const center = new Float64Array(n).map(
    (_, i) => parents.reduce((sum, parent) => sum + (parent[i] as number), 0) / parents.length,
  );
  const corners = parents.map((parent) =>
    parent.map((x, i) => (center[i] as number) + expansion * (x - (center[i] as number))),
  );
  let child = corners[0] as Float64Array;
  corners.forEach((corner, k) => {
    if (k === 0) return;
    const r = rng.uniform() ** (1 / k);
    child = corner.map((x, i) => x + r * ((child[i] as number) - x));
  });
  return child;
}

/** Deb and Agrawal, "Simulated binary crossover for continuous search space", Complex Systems 9 (1995), within bounds. */
function simulatedBinary(
  [p1, p2]: readonly Float64Array[],
  options: CrossoverOptions,
  rng: Rng,
): Float64Array {
  const { eta } = options;
  const pairs = [...(p1 as Float64Array)].map((x1, i): [number, number] => {
    const x2 = p2?.[i] as number;
    const low = Math.min(x1, x2);
    const high = Math.max(x1, x2);
    const distance = Math.max(high - low, 1e-10);
    const u = rng.uniform();
    const toLow = spread(u, 1 + (2 * low) / distance, eta);
    const toHigh = spread(u, 1 + (2 * (1 - high)) / distance, eta);
    return [0.5 * (low + high - toLow * distance), 0.5 * (low + high + toHigh * distance)];
  });
  return oneChild([p1 as Float64Array, p2 as Float64Array], pairs, options, rng);
}

/** The spread of children in parts of their parents' distance, such that they stay within the bound that lies `reach` away. */
function spread(u: number, reach: number, eta: number): number {
  const alpha = 2 - reach ** -(eta + 1);
  return (u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha)) ** (1 / (eta + 1));
}

/**
 * Ballester and Carter, "Real-parameter genetic algorithms for finding multiple optimal solutions in multi-modal optimization", GECCO 2003:
 * as SBX, but children lie on both sides of a parent.
 */
function modifiedSimulatedBinary(
  [p1, p2]: readonly Float64Array[],
  options: CrossoverOptions,
  rng: Rng,
): Float64Array {
  const { eta } = options;
  const pairs = [...(p1 as Float64Array)].map((x1, i): [number, number] => {
    const x2 = p2?.[i] as number;
    const u = rng.uniform();
    const isFirst = u <= 0.5;
    // Above 1; how far beyond the parent the child lies.
    const beta = (1 / Math.max(2 * (isFirst ? u : 1 - u), 1e-10)) ** (1 / (eta + 1));
    const [near, far] = isFirst ? [x1, x2] : [x2, x1];
    return [
      0.5 * ((1 + beta) * near + (1 - beta) * far),
      0.5 * ((3 - beta) * near - (1 - beta) * far),
    ];
  });
  return oneChild([p1 as Float64Array, p2 as Float64Array], pairs, options, rng);
}

/** Of the two children that SBX has, and of the parents, one child is put together. */
function oneChild(
  [p1, p2]: readonly [Float64Array, Float64Array],
  pairs: readonly (readonly [number, number])[],
  { uniformCrossoverProb, useChildGeneProb }: CrossoverOptions,
  rng: Rng,
): Float64Array {
  const isSecond = rng.uniform() < 0.5;
  return Float64Array.from(pairs, (children, i) => {
    const genes = rng.uniform() < useChildGeneProb ? children : [p1[i] as number, p2[i] as number];
    const isOther = rng.uniform() < uniformCrossoverProb;
    return genes[isSecond !== isOther ? 1 : 0] as number;
  });
}

/** Kita, Ono and Kobayashi, "Multi-parental extension of the unimodal normal distribution crossover", CEC 1999. */
function unimodalNormal(
  [p1, p2, p3]: readonly Float64Array[],
  { sigmaXi, sigmaEta }: CrossoverOptions,
  rng: Rng,
): Float64Array {
  const a = p1 as Float64Array;
  const n = a.length;
  const along = a.map((x, i) => (p2?.[i] as number) - x);
  const length = Math.sqrt(dot(along, along));
  const direction = along.map((x) => (length > 0 ? x / length : 0));
  const toThird = a.map((x, i) => (p3?.[i] as number) - x);
  const third = without(toThird, direction);
  const across = Float64Array.from({ length: n }, () => rng.normal());
  const orthogonal = without(across, direction);
  const deviation = (sigmaEta ?? 0.35 / Math.sqrt(n)) * Math.sqrt(dot(third, third));
  const xi = sigmaXi * rng.normal();
  return a.map(
    (x, i) => x + (0.5 + xi) * (along[i] as number) + deviation * (orthogonal[i] as number),
  );
}

/** The part of a vector that is orthogonal to a direction of length 1 (or 0). */
function without(vector: Float64Array, direction: Float64Array): Float64Array {
  const along = dot(vector, direction);
  return vector.map((x, i) => x - along * (direction[i] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}
