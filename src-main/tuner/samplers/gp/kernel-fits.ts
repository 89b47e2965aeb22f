/**
 * The kernel parameters of a study's processes. A fit is the dearest part of an ask, and one trial more changes it little, so that it is
 * only made anew when trials have become more by a tenth or so. Which trials it is made from follows from their number alone: a study that
 * is resumed has the same fits as one that was not interrupted.
 */
import { fitGaussianProcess, type FitOptions } from '../../math/gaussian-process/fit.ts';
import type { Observations } from '../../math/gaussian-process/gaussian-process.ts';
import type { KernelParams } from '../../math/gaussian-process/kernel.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';

/** How many of so many trials, from the first on, the parameters are fitted to. */
export function nTrialsFitted(nTrials: number): number {
  const stride = nTrials < 30 ? 1 : nTrials < 60 ? 2 : nTrials < 120 ? 5 : 10;
  return nTrials - (nTrials % stride);
}

/** Remembers the last fit of each process of a study. */
export class KernelFits {
  readonly #options: FitOptions;
  readonly #fits = new WeakMap<StudyHistory, Map<string, { key: string; params: KernelParams }>>();

  constructor(options: FitOptions) {
    this.#options = options;
  }

  /**
   * @param process What it is a process of, as in "objective 0".
   * @param space The search space in some unique form.
   * @param trials That it is fitted to.
   * @param observe Called when they are not those of the last time.
   */
  paramsOf(
    history: StudyHistory,
    process: string,
    space: string,
    trials: readonly FrozenTrial[],
    observe: () => Observations,
  ): KernelParams {
    let fits = this.#fits.get(history);
    if (!fits) this.#fits.set(history, (fits = new Map()));
    const key = `${space} ${trials.map(({ trialId }) => trialId).join()}`;
    const known = fits.get(process);
    if (known?.key === key) return known.params;
    const { params } = fitGaussianProcess(observe(), this.#options);
    fits.set(process, { key, params });
    return params;
  }
}
