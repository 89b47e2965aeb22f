/**
 * Asynchronous successive halving: at each rung, after min * eta^(s + rung) steps, a trial goes on only if it is among the best 1 / eta
 * of those that got there.
 *
 * Li et al., "A system for massively parallel hyperparameter tuning" (ASHA), MLSys 2020. Follows
 * `optuna/pruners/_successive_halving.py` (5.0), also in the attributes it leaves on trials (`completed_rung_<rung>`). It differs in
 * what 'auto' means where several trials are complete already: the first to complete decides, so that a resumed study decides the same.
 */
import { InvalidArgumentError } from '../errors.ts';
import { checkOptions, type NumberOption, type OptionSpec } from '../options.ts';
import { isBetter, type StudyDirection } from '../study/direction.ts';
import type { StudyView } from '../study/study-view.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision, PruningPhase } from './pruner.ts';

export interface SuccessiveHalvingPrunerOptions {
  /** Steps every trial gets; 'auto': a hundredth of what the first complete trial took, at least 1. @default 'auto' */
  minResource?: number | 'auto';
  /** eta: about one of so many trials goes on at each rung. @default 4 */
  reductionFactor?: number;
  /** s: rungs that are left out at the beginning. @default 0 */
  minEarlyStoppingRate?: number;
  /** Trials that must have reached a rung before any goes on from it. Not with `minResource: 'auto'`. @default 0 */
  bootstrapCount?: number;
}

export const reductionFactorOption = {
  type: 'number',
  name: 'reductionFactor',
  title: 'Reduction factor',
  description: 'About one of so many trials goes on at each rung.',
  isInteger: true,
  min: 2,
} as const;

export const bootstrapCountOption: NumberOption = {
  type: 'number',
  name: 'bootstrapCount',
  title: 'Bootstrap count',
  description: 'Trials that must have reached a rung before any goes on from it.',
  isInteger: true,
  min: 0,
  default: 0,
};

export const successiveHalvingPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'minResource',
    title: 'Steps for every trial',
    description:
      "Steps every trial gets. 'auto': a hundredth of what the first complete trial took, at least 1.",
    isInteger: true,
    min: 1,
    allowsAuto: true,
    default: 'auto',
  },
  { ...reductionFactorOption, default: 4 },
  {
    type: 'number',
    name: 'minEarlyStoppingRate',
    title: 'Rungs left out',
    description: 'Rungs that are left out at the beginning.',
    isInteger: true,
    min: 0,
    default: 0,
  },
  bootstrapCountOption,
];

export class SuccessiveHalvingPruner implements Pruner {
  readonly name = 'successive-halving';
  readonly #options: Required<SuccessiveHalvingPrunerOptions>;

  /** @throws InvalidArgumentError for an unknown option, a wrong value, or `bootstrapCount` with `minResource: 'auto'`. */
  constructor(options: SuccessiveHalvingPrunerOptions = {}) {
    this.#options = checkOptions<Required<SuccessiveHalvingPrunerOptions>>(
      'SuccessiveHalvingPruner',
      successiveHalvingPrunerOptions,
      options,
    );
    const { bootstrapCount, minResource } = this.#options;
    if (bootstrapCount > 0 && minResource === 'auto')
      throw new InvalidArgumentError(
        `SuccessiveHalvingPruner: \`bootstrapCount\` must be 0 with \`minResource: 'auto'\`, but got ${bootstrapCount}.`,
      );
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    return (await this.explain(study, trial))?.isPruned ?? false;
  }

  async explain(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const { reductionFactor, minEarlyStoppingRate, bootstrapCount } = this.#options;
    const step = lastStep(trial);
    if (step === null) return null;
    const value = trial.intermediateValues.get(step) as number;
    const decide = (phase: PruningPhase, isPruned: boolean, nOthers = 0): PruningDecision => ({
      phase,
      basis: 'rung',
      own: value,
      threshold: null,
      nOthers,
      isPruned,
    });
    const minResource = await this.#minResource(study);
    if (minResource === null) return decide('startup', false);

    const [direction = 'minimize'] = study.directions;
    let trials: readonly FrozenTrial[] | null = null;
    let decision = decide('interval', false);
    for (let rung = nextRung(trial); ; rung++) {
      if (step < minResource * reductionFactor ** (minEarlyStoppingRate + rung)) return decision;
      if (Number.isNaN(value)) return { ...decide('compared', true), rung };
      trials ??= await study.getTrials();
      const key = rungKey(rung);
      await study.setTrialSystemAttr(trial.trialId, key, value);
      const others: number[] = [];
      for (const { number, systemAttrs } of trials)
        if (number !== trial.number && key in systemAttrs) others.push(systemAttrs[key] as number);
      const nOthers = others.length;
      if (nOthers < bootstrapCount) return { ...decide('bootstrap', true, nOthers), rung };
      const threshold = limitAmong(others, reductionFactor, direction);
      if (threshold === null) {
        decision = { ...decide('few', false, nOthers), rung };
        continue;
      }
      const isPruned = isBetter(direction, threshold, value);
      decision = { ...decide('compared', isPruned, nOthers), threshold, rung };
      if (isPruned) return decision;
    }
  }

  async #minResource(study: PrunerStudy): Promise<number | null> {
    if (this.#options.minResource !== 'auto') return this.#options.minResource;
    const last = await lastStepOfFirstComplete(study);
    return last === null ? null : Math.max(Math.floor(last / 100), 1);
  }
}

/** Results by the list of trials, which is the same until one of them changes. */
const lastSteps = new WeakMap<readonly FrozenTrial[], number | null>();

/** The last step of the trial that was the first to complete, of those that reported; null when there is none. */
export async function lastStepOfFirstComplete(study: PrunerStudy): Promise<number | null> {
  const trials = await study.getTrials(['complete']);
  let known = lastSteps.get(trials);
  if (known === undefined) lastSteps.set(trials, (known = lastStepOfFirst(trials)));
  return known;
}

function lastStepOfFirst(trials: readonly FrozenTrial[]): number | null {
  let first: FrozenTrial | null = null;
  for (const trial of trials)
    if (
      trial.intermediateValues.size > 0 &&
      (first === null || (trial.completedAtMs ?? 0) < (first.completedAtMs ?? 0))
    )
      first = trial;
  return first === null ? null : lastStep(first);
}

export function isRungKey(key: string): boolean {
  return key.startsWith('completed_rung_');
}

function rungKey(rung: number): string {
  return `completed_rung_${rung}`;
}

function nextRung(trial: FrozenTrial): number {
  let rung = 0;
  while (rungKey(rung) in trial.systemAttrs) rung++;
  return rung;
}

/**
 * The worst value that is among the best 1 / eta with that of the trial itself counted, or the best one where there are fewer than eta; null where so
 * few others got there that the trial is among the best with any value.
 */
function limitAmong(
  others: number[],
  reductionFactor: number,
  direction: StudyDirection,
): number | null {
  const nKept = Math.max(Math.floor((others.length + 1) / reductionFactor), 1);
  others.sort((a, b) => (direction === 'minimize' ? a - b : b - a));
  return others[nKept - 1] ?? null;
}
