import type { ParamValue } from '../tuner/distributions.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';

/** System attribute of a trial that was not run: the number of the equal one whose values it took. */
export const DUPLICATE_OF = 'parzen:duplicate_of';

/** The complete trials of a study, to be found by their parameters. */
export class EqualTrials {
  readonly #byParams = new Map<string, FrozenTrial>();

  constructor(trials: readonly FrozenTrial[]) {
    for (const trial of trials) this.add(trial);
  }

  /** Of equal trials the first one counts. */
  add(trial: FrozenTrial): void {
    const key = keyOf(trial.params);
    if (trial.state === 'complete' && !this.#byParams.has(key)) this.#byParams.set(key, trial);
  }

  find(params: Readonly<Record<string, ParamValue>>): FrozenTrial | null {
    return this.#byParams.get(keyOf(params)) ?? null;
  }
}

function keyOf(params: Readonly<Record<string, ParamValue>>): string {
  return JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}
