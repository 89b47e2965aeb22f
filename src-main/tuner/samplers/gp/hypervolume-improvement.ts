/**
 * How much hypervolume a further trial may add, with several objectives.
 *
 * Scores are maximized; the front are those that no other exceeds. What is not dominated, above a reference point, is cut into boxes; the
 * improvement by a score y is the sum over boxes of the product over objectives of max(0, min(y, upper) - lower). Its expectation is the
 * mean over fixed normal samples, so that it is smooth and always the same.
 * Daulton, Balandat and Bakshy, "Differentiable expected hypervolume improvement for parallel multi-objective Bayesian optimization",
 * NeurIPS 2020, eq. 1.
 */
import type { GaussianProcess } from '../../math/gaussian-process/gaussian-process.ts';
import { selectByHypervolume } from '../../math/hypervolume.ts';
import { nondominationRanks } from '../../math/nondomination.ts';
import { normalQuantile } from '../../math/normal.ts';
import { shuffle, type Rng } from '../../math/rng.ts';
import { LEAST_VARIANCE, type Acquisition } from './acquisition.ts';

const N_SAMPLES = 128;
/** Points of the front that count, by number of objectives (then 6): boxes grow with the power of objectives less one. */
const MOST_POINTS: Readonly<Record<number, number>> = { 2: 200, 3: 30, 4: 10 };

/** @param scores Of trials, to be maximized: nTrials x nObjectives, row-major, at least one. */
export function logHypervolumeImprovement(
  processes: readonly GaussianProcess[],
  scores: Float64Array,
  rng: Rng,
): Acquisition {
  const nObjectives = processes.length;
  const boxes = boxesAbove(scores, nObjectives);
  const samples = normalSamples(N_SAMPLES, nObjectives, rng);
  const nDims = processes[0]?.observations.isChoice.length ?? 0;
  const byMean = processes.map(() => new Float64Array(nDims));
  const byVariance = processes.map(() => new Float64Array(nDims));
  const means = new Float64Array(nObjectives);
  const deviations = new Float64Array(nObjectives);
  const slopes = new Float64Array(nObjectives);
  const deviationSlopes = new Float64Array(nObjectives);
  const score = new Float64Array(nObjectives);
  const scoreSlopes = new Float64Array(nObjectives);
  /** By means and deviations: the sum over samples; with `withSlopes` also its derivatives by both. */
  const sumOfSamples = (withSlopes: boolean): number => {
    let total = 0;
    slopes.fill(0);
    deviationSlopes.fill(0);
    for (let s = 0; s < N_SAMPLES; s++) {
      const sample = s * nObjectives;
      for (let k = 0; k < nObjectives; k++)
        score[k] =
          (means[k] as number) + (deviations[k] as number) * (samples[sample + k] as number);
      total += volumeAdded(boxes, score, withSlopes ? scoreSlopes : null);
      if (!withSlopes) continue;
      for (let k = 0; k < nObjectives; k++) {
        const slope = scoreSlopes[k] as number;
        slopes[k] = (slopes[k] as number) + slope;
        deviationSlopes[k] =
          (deviationSlopes[k] as number) + slope * (samples[sample + k] as number);
      }
    }
    return total;
  };
  const take = (k: number, mean: number, variance: number): void => {
    means[k] = mean;
    deviations[k] = Math.sqrt(variance + LEAST_VARIANCE);
  };
  return {
    evaluate(point, gradient) {
      processes.forEach((process, k) => {
        const { mean, variance } = gradient
          ? process.posteriorWithGradients(
              point,
              byMean[k] as Float64Array,
              byVariance[k] as Float64Array,
            )
          : process.posterior(point);
        take(k, mean, variance);
      });
      const total = sumOfSamples(gradient !== null);
      if (gradient) {
        gradient.fill(0);
        for (let k = 0; k < nObjectives && total > 0; k++)
          for (let d = 0; d < nDims; d++)
            gradient[d] =
              (gradient[d] as number) +
              ((slopes[k] as number) * (byMean[k]?.[d] as number) +
                ((deviationSlopes[k] as number) * (byVariance[k]?.[d] as number)) /
                  (2 * (deviations[k] as number))) /
                total;
      }
      return Math.log(total / N_SAMPLES);
    },
    evaluateAll(points) {
      const posteriors = processes.map((process) => process.posteriors(points));
      return Float64Array.from({ length: points.length / nDims }, (_, i) => {
        posteriors.forEach(({ means: all, variances }, k) =>
          take(k, all[i] as number, variances[i] as number),
        );
        return Math.log(sumOfSamples(false) / N_SAMPLES);
      });
    },
  };
}

/** Lower and upper bounds, nBoxes x nObjectives each, row-major; upper ones may be Infinity. */
export interface Boxes {
  readonly nObjectives: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** What no score dominates, above a point a little worse than the worst of each objective (as Optuna chooses it). */
export function boxesAbove(scores: Float64Array, nObjectives: number): Boxes {
  const losses = scores.map((score) => -score);
  const reference = Float64Array.from({ length: nObjectives }, (_, k) => {
    let worst = -Infinity;
    for (let i = k; i < losses.length; i += nObjectives)
      worst = Math.max(worst, losses[i] as number);
    return Math.max(1.1 * worst, 0.9 * worst);
  });
  const ranks = nondominationRanks(losses, nObjectives);
  const onFront = losses.filter((_, i) => ranks[Math.floor(i / nObjectives)] === 0);
  const most = MOST_POINTS[nObjectives] ?? 6;
  const chosen = selectByHypervolume(
    onFront,
    reference,
    Math.min(most, onFront.length / nObjectives),
  );
  const front = chosen.map((i) =>
    Array.from(onFront.subarray(i * nObjectives, (i + 1) * nObjectives), (loss) => -loss),
  );
  const boxes = cut(
    front,
    Array.from(reference, (loss) => -loss),
    nObjectives - 1,
  );
  return {
    nObjectives,
    lower: Float64Array.from(boxes.flatMap(({ lower }) => lower)),
    upper: Float64Array.from(boxes.flatMap(({ upper }) => upper)),
  };
}

/** Volume by which a score exceeds what the boxes are above. @param slopes Receives its derivatives; null: they are not needed. */
export function volumeAdded(
  { nObjectives, lower, upper }: Boxes,
  score: Float64Array,
  slopes: Float64Array | null,
): number {
  let total = 0;
  slopes?.fill(0);
  for (let box = 0; box < lower.length; box += nObjectives) {
    let volume = 1;
    for (let k = 0; k < nObjectives && volume > 0; k++)
      volume *= Math.max(
        0,
        Math.min(score[k] as number, upper[box + k] as number) - (lower[box + k] as number),
      );
    if (volume === 0) continue;
    total += volume;
    if (slopes)
      for (let k = 0; k < nObjectives; k++)
        if ((score[k] as number) < (upper[box + k] as number))
          slopes[k] =
            (slopes[k] as number) + volume / ((score[k] as number) - (lower[box + k] as number));
  }
  return total;
}

interface Box {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** The boxes in the objectives 0 to k: slab by slab of objective k, those above the points that reach through the slab. */
function cut(
  front: readonly (readonly number[])[],
  reference: readonly number[],
  k: number,
): Box[] {
  const bottom = reference[k] as number;
  if (k === 0) {
    const lower = front.reduce((top, point) => Math.max(top, point[0] as number), bottom);
    return [{ lower: [lower], upper: [Infinity] }];
  }
  const levels = [...new Set(front.map((point) => point[k] as number))]
    .filter((level) => level > bottom)
    .sort((a, b) => a - b);
  const edges = [bottom, ...levels, Infinity];
  return edges.slice(1).flatMap((top, i) =>
    cut(
      front.filter((point) => (point[k] as number) >= top),
      reference,
      k - 1,
    ).map(({ lower, upper }) => ({
      lower: [...lower, edges[i] as number],
      upper: [...upper, top],
    })),
  );
}

/** Evenly spread (a Latin hypercube): n x nObjectives, row-major. */
function normalSamples(n: number, nObjectives: number, rng: Rng): Float64Array {
  const samples = new Float64Array(n * nObjectives);
  for (let k = 0; k < nObjectives; k++)
    shuffle(
      Int32Array.from({ length: n }, (_, i) => i),
      rng,
    ).forEach((part, i) => {
      samples[i * nObjectives + k] = normalQuantile((part + 0.5) / n);
    });
  return samples;
}
