/**
 * How much hypervolume a further trial may add, with several objectives.
 *
 * Scores are maximized; the front are those that no other exceeds. What is not dominated, above a reference point, is cut into boxes; the
 * improvement by a score y is the sum over boxes of the product over objectives of max(0, min(y, upper) - lower). The objectives'
 * processes are independent, so that its expectation is the sum of products of expectations, each E max(0, y - lower) - E max(0, y - upper).
 * Daulton, Balandat and Bakshy, "Differentiable expected hypervolume improvement for parallel multi-objective Bayesian optimization",
 * NeurIPS 2020, eq. 1; the expectation after Yang, Emmerich, Deutz and Bäck, "Efficient computation of expected hypervolume improvement
 * using box decomposition algorithms", Journal of Global Optimization 75, 2019. Optuna takes the mean over samples.
 */
import type { GaussianProcess } from '../../math/gaussian-process/gaussian-process.ts';
import { logExpectedImprovement } from '../../math/gaussian-process/log-expected-improvement.ts';
import { selectByHypervolume } from '../../math/hypervolume.ts';
import { nondominationRanks } from '../../math/nondomination.ts';
import { LOG_SQRT_2PI, normalCdf } from '../../math/normal.ts';
import { LEAST_VARIANCE, type Acquisition } from './acquisition.ts';

/** Points of the front that count, by number of objectives (then 6): boxes grow with the power of objectives less one. */
const MOST_POINTS: Readonly<Record<number, number>> = { 2: 200, 3: 30, 4: 10 };

/** @param scores Of trials, to be maximized: nTrials x nObjectives, row-major, at least one. */
export function logHypervolumeImprovement(
  processes: readonly GaussianProcess[],
  scores: Float64Array,
): Acquisition {
  const nObjectives = processes.length;
  const volume = new ExpectedVolume(boxesAbove(scores, nObjectives));
  const nDims = processes[0]?.observations.isChoice.length ?? 0;
  const byMean = processes.map(() => new Float64Array(nDims));
  const byVariance = processes.map(() => new Float64Array(nDims));
  const means = new Float64Array(nObjectives);
  const deviations = new Float64Array(nObjectives);
  const slopes = {
    byMean: new Float64Array(nObjectives),
    byDeviation: new Float64Array(nObjectives),
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
      const total = volume.added(means, deviations, gradient && slopes);
      if (gradient) {
        gradient.fill(0);
        for (let k = 0; k < nObjectives && total > 0; k++)
          for (let d = 0; d < nDims; d++)
            gradient[d] =
              (gradient[d] as number) +
              ((slopes.byMean[k] as number) * (byMean[k]?.[d] as number) +
                ((slopes.byDeviation[k] as number) * (byVariance[k]?.[d] as number)) /
                  (2 * (deviations[k] as number))) /
                total;
      }
      return Math.log(total);
    },
    evaluateAll(points) {
      const posteriors = processes.map((process) => process.posteriors(points));
      return Float64Array.from({ length: points.length / nDims }, (_, i) => {
        posteriors.forEach(({ means: all, variances }, k) =>
          take(k, all[i] as number, variances[i] as number),
        );
        return Math.log(volume.added(means, deviations, null));
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

/** The volume that an uncertain score is expected to add to what boxes are above. */
export class ExpectedVolume {
  readonly #nObjectives: number;
  /** By objective, the bounds of boxes, each once; Infinity is not among them. */
  readonly #levels: readonly Float64Array[];
  /** By box and objective, where its bounds are among the levels; one further for Infinity. */
  readonly #lower: Int32Array;
  readonly #upper: Int32Array;
  /** By objective and level: E max(0, y - level), and its derivatives by mean and deviation of y. 0 for Infinity. */
  readonly #gains: readonly Float64Array[];
  readonly #meanSlopes: readonly Float64Array[];
  readonly #deviationSlopes: readonly Float64Array[];

  constructor({ nObjectives, lower, upper }: Boxes) {
    this.#nObjectives = nObjectives;
    const places = Array.from({ length: nObjectives }, (_, k) => {
      const ofObjective = (_: number, i: number): boolean => i % nObjectives === k;
      const bounds = new Set([...lower.filter(ofObjective), ...upper.filter(ofObjective)]);
      bounds.delete(Infinity);
      return new Map([...bounds, Infinity].map((level, i) => [level, i]));
    });
    const placeOf = (bound: number, i: number): number =>
      places[i % nObjectives]?.get(bound) as number;
    this.#lower = Int32Array.from(lower, placeOf);
    this.#upper = Int32Array.from(upper, placeOf);
    this.#levels = places.map((place) => Float64Array.from([...place.keys()].slice(0, -1)));
    const perLevel = (): Float64Array[] => places.map(({ size }) => new Float64Array(size));
    this.#gains = perLevel();
    this.#meanSlopes = perLevel();
    this.#deviationSlopes = perLevel();
  }

  /**
   * @param means Of the score, by objective.
   * @param deviations 0 or more.
   * @param slopes Receives the derivatives by both; null: they are not needed.
   */
  added(
    means: Float64Array,
    deviations: Float64Array,
    slopes: { byMean: Float64Array; byDeviation: Float64Array } | null,
  ): number {
    for (let k = 0; k < this.#nObjectives; k++)
      this.#fillLevels(k, means[k] as number, deviations[k] as number, slopes !== null);
    slopes?.byMean.fill(0);
    slopes?.byDeviation.fill(0);
    let total = 0;
    for (let box = 0; box < this.#lower.length; box += this.#nObjectives) {
      let volume = 1;
      for (let k = 0; k < this.#nObjectives && volume > 0; k++)
        volume *= this.#sideOf(this.#gains, box, k);
      if (!(volume > 0)) continue;
      total += volume;
      if (slopes)
        for (let k = 0; k < this.#nObjectives; k++) {
          const others = volume / this.#sideOf(this.#gains, box, k);
          slopes.byMean[k] =
            (slopes.byMean[k] as number) + others * this.#sideOf(this.#meanSlopes, box, k);
          slopes.byDeviation[k] =
            (slopes.byDeviation[k] as number) +
            others * this.#sideOf(this.#deviationSlopes, box, k);
        }
    }
    return total;
  }

  #fillLevels(k: number, mean: number, deviation: number, withSlopes: boolean): void {
    const levels = this.#levels[k] as Float64Array;
    const gains = this.#gains[k] as Float64Array;
    for (let i = 0; i < levels.length; i++) {
      const ahead = mean - (levels[i] as number);
      if (deviation === 0) gains[i] = Math.max(0, ahead);
      else gains[i] = deviation * Math.exp(logExpectedImprovement(ahead / deviation));
      if (!withSlopes) continue;
      const z = ahead / deviation;
      (this.#meanSlopes[k] as Float64Array)[i] = normalCdf(z);
      (this.#deviationSlopes[k] as Float64Array)[i] = Math.exp(-0.5 * z * z - LOG_SQRT_2PI);
    }
  }

  /** At the lower less at the upper bound of a box. */
  #sideOf(byLevel: readonly Float64Array[], box: number, k: number): number {
    const values = byLevel[k] as Float64Array;
    return (
      (values[this.#lower[box + k] as number] as number) -
      (values[this.#upper[box + k] as number] as number)
    );
  }
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
