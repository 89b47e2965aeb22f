/**
 * When CMA-ES is done with a place, and how it begins anew elsewhere.
 *
 * Termination: Hansen's tutorial, arXiv:1604.00772 (2016), section B.3. IPOP: Auger and Hansen, "A restart CMA evolution strategy with
 * increasing population size", CEC 2005. BIPOP: Hansen, "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed", GECCO 2009.
 */
import type { Rng } from '../../math/rng.ts';
import type { CmaDistribution } from './distribution.ts';

export const restartStrategies = ['none', 'ipop', 'bipop'] as const;
export type RestartStrategy = (typeof restartStrategies)[number];

/** Of the run under way and of those before it. */
export interface RestartState {
  /** Restarts with a larger population so far. */
  readonly nLarge: number;
  /** Trials spent on runs with a large and with a small population; the first run counts for neither. */
  readonly spentLarge: number;
  readonly spentSmall: number;
  readonly kind: 'first' | 'large' | 'small';
  /** Trials that the run may take. */
  readonly budget: number;
  /** Trials that it has taken. */
  readonly spent: number;
}

export interface Restart {
  readonly state: RestartState;
  readonly popsize: number;
  /** By which the initial sigma is multiplied. */
  readonly sigmaFactor: number;
}

export const firstRun: RestartState = {
  nLarge: 0,
  spentLarge: 0,
  spentSmall: 0,
  kind: 'first',
  budget: Infinity,
  spent: 0,
};

/** How the run after this one begins. */
export function planRestart(
  strategy: RestartStrategy,
  state: RestartState,
  basePopsize: number,
  factor: number,
  rng: Rng,
): Restart {
  const { kind, spent } = state;
  const spentLarge = state.spentLarge + (kind === 'large' ? spent : 0);
  const spentSmall = state.spentSmall + (kind === 'small' ? spent : 0);
  const common = { spentLarge, spentSmall, spent: 0 };
  if (strategy === 'bipop' && spentSmall < spentLarge) {
    const u = rng.uniform();
    const largePopsize = basePopsize * factor ** state.nLarge;
    return {
      state: { ...common, nLarge: state.nLarge, kind: 'small', budget: spentLarge / 2 },
      popsize: Math.max(2, Math.floor(basePopsize * (largePopsize / basePopsize / 2) ** (u * u))),
      sigmaFactor: 10 ** (-2 * rng.uniform()),
    };
  }
  const nLarge = strategy === 'none' ? state.nLarge : state.nLarge + 1;
  return {
    state: { ...common, nLarge, kind: 'large', budget: Infinity },
    popsize: Math.floor(basePopsize * factor ** nLarge),
    sigmaFactor: 1,
  };
}

/** How many generations without better values are enough. */
export function patience(nDims: number, popsize: number): number {
  return 10 + Math.ceil((30 * nDims) / popsize);
}

/**
 * Whether the distribution has nothing more to find where it is.
 *
 * @param bests The best loss of each of the last generations.
 * @param initialSigma Of the run.
 */
export function isConverged(
  distribution: CmaDistribution,
  popsize: number,
  bests: readonly number[],
  initialSigma: number,
): boolean {
  const { mean, sigma, covariance, basis, scales, pathC, generation } = distribution;
  const n = mean.length;
  const coordinates = [...mean.keys()];
  const deviation = (i: number) => sigma * Math.sqrt(covariance[i * n + i] as number);

  // EqualFunValues and TolFun.
  if (bests.length >= patience(n, popsize)) {
    const low = Math.min(...bests);
    const high = Math.max(...bests);
    if (high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high)) || low === high) return true;
  }
  // TolX.
  const tolX = 1e-12 * initialSigma;
  if (coordinates.every((i) => deviation(i) < tolX && sigma * Math.abs(pathC[i] as number) < tolX))
    return true;
  // TolXUp.
  const longest = scales[n - 1] as number;
  if (sigma * longest > 1e4 * initialSigma) return true;
  // ConditionCov.
  if ((longest / (scales[0] as number)) ** 2 > 1e14) return true;
  // NoEffectCoord.
  if (coordinates.some((i) => mean[i] === (mean[i] as number) + 0.2 * deviation(i))) return true;
  // NoEffectAxis, one axis per generation.
  const axis = generation % n;
  const length = 0.1 * sigma * (scales[axis] as number);
  return coordinates.every(
    (i) => mean[i] === (mean[i] as number) + length * (basis[axis * n + i] as number),
  );
}
