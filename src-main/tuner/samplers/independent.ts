import { logger } from '../logger.ts';
import type { StudyView } from '../study/study-view.ts';
import { INDEPENDENT_PARAMS } from '../system-attrs.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** Says where a sampler could not treat a parameter together with the others: on the trial, and once per parameter in the log. */
export class IndependentSampling {
  readonly #sampler: string;
  readonly #reason: string;
  readonly #doesWarn: boolean;
  readonly #warnedOf = new Set<string>();

  /** @param reason Why that can be, as the end of a sentence. */
  constructor(sampler: string, reason: string, doesWarn: boolean) {
    this.#sampler = sampler;
    this.#reason = reason;
    this.#doesWarn = doesWarn;
  }

  async note(study: StudyView, trial: FrozenTrial, name: string): Promise<void> {
    const noted = trial.systemAttrs[INDEPENDENT_PARAMS];
    const names = Array.isArray(noted) ? (noted as string[]) : [];
    if (!names.includes(name))
      await study.setTrialSystemAttr(trial.trialId, INDEPENDENT_PARAMS, [...names, name]);
    if (!this.#doesWarn || this.#warnedOf.has(name)) return;
    this.#warnedOf.add(name);
    logger.warn(
      `Trial ${trial.number}: "${name}" is sampled by itself, not by ${this.#sampler}, as ${this.#reason}.`,
    );
  }
}
