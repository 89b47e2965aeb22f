/**
 * Hyperband: several brackets of successive halving side by side, from one that stops early and often to one that hardly stops.
 * A trial belongs to one bracket and is compared within it.
 *
 * Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18 (2018). Follows
 * `optuna/pruners/_hyperband.py` (5.0): brackets are drawn from the study's name and the trial's number, so renaming a study changes
 * them. It differs in what 'auto' means where several trials are complete already: the first to complete decides,
 * and where it ended before `minResource` there is one bracket, not none.
 */
import { InvalidArgumentError } from '../errors.ts';
import { crc32 } from '../math/crc32.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import { StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import { lastStep, type FrozenTrial, type TrialState } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision } from './pruner.ts';
import {
  bootstrapCountOption,
  lastStepOfFirstComplete,
  reductionFactorOption,
  SuccessiveHalvingPruner,
} from './successive-halving.ts';

export interface HyperbandPrunerOptions {
  /** Steps every trial of the most impatient bracket gets. @default 1 */
  minResource?: number;
  /** Steps of a trial that is never stopped; 'auto': as many as the first complete trial took. @default 'auto' */
  maxResource?: number | 'auto';
  /** eta: about one of so many trials goes on at each rung. @default 3 */
  reductionFactor?: number;
  /** Trials that must have reached a rung before any goes on from it. Not with `maxResource: 'auto'`. @default 0 */
  bootstrapCount?: number;
}

export const hyperbandPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'minResource',
    title: 'Fewest steps',
    description: 'Steps every trial of the most impatient bracket gets.',
    isInteger: true,
    min: 1,
    default: 1,
  },
  {
    type: 'number',
    name: 'maxResource',
    title: 'Most steps',
    description:
      "Steps of a trial that is never stopped. 'auto': as many as the first complete trial took.",
    isInteger: true,
    min: 1,
    allowsAuto: true,
    default: 'auto',
  },
  { ...reductionFactorOption, default: 3 },
  bootstrapCountOption,
];

/** Which trial is in which bracket. */
class Brackets {
  readonly pruners: readonly SuccessiveHalvingPruner[];
  /** How many of `#total` trials each bracket gets. */
  readonly #budgets: readonly number[];
  readonly #total: number;
  /** What was drawn for a study, by trial number. */
  readonly #drawn = new Map<string, number[]>();

  constructor(budgets: readonly number[], pruners: readonly SuccessiveHalvingPruner[]) {
    this.pruners = pruners;
    this.#budgets = budgets;
    this.#total = budgets.reduce((sum, budget) => sum + budget, 0);
  }

  of(studyName: string, trialNumber: number): number {
    let drawn = this.#drawn.get(studyName);
    if (!drawn) this.#drawn.set(studyName, (drawn = []));
    while (drawn.length <= trialNumber) drawn.push(this.#draw(studyName, drawn.length));
    return drawn[trialNumber] as number;
  }

  #draw(studyName: string, trialNumber: number): number {
    let n = crc32(`${studyName}_${trialNumber}`) % this.#total;
    return this.#budgets.findIndex((budget) => (n -= budget) < 0);
  }
}

export class HyperbandPruner implements Pruner {
  readonly name = 'hyperband';
  readonly #options: Required<HyperbandPrunerOptions>;
  readonly #brackets = new Map<number, Brackets>();
  readonly #views = new WeakMap<StudyView, Map<number, BracketView>>();

  /** @throws InvalidArgumentError for an unknown option, a wrong value, max below min, or `bootstrapCount` with 'auto'. */
  constructor(options: HyperbandPrunerOptions = {}) {
    this.#options = checkOptions<Required<HyperbandPrunerOptions>>(
      'HyperbandPruner',
      hyperbandPrunerOptions,
      options,
    );
    const { bootstrapCount, minResource, maxResource } = this.#options;
    if (bootstrapCount > 0 && maxResource === 'auto')
      throw new InvalidArgumentError(
        `HyperbandPruner: \`bootstrapCount\` must be 0 with \`maxResource: 'auto'\`, but got ${bootstrapCount}.`,
      );
    if (maxResource !== 'auto' && maxResource < minResource)
      throw new InvalidArgumentError(
        `HyperbandPruner: \`maxResource\` must be at least \`minResource\` (${minResource}), but got ${maxResource}.`,
      );
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    const brackets = await this.#bracketsOf(study);
    if (brackets === null) return false;
    const bracket = brackets.of(study.studyName, trial.number);
    const pruner = brackets.pruners[bracket] as SuccessiveHalvingPruner;
    return pruner.prune(this.#view(study, bracket, brackets), trial);
  }

  async explain(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const step = lastStep(trial);
    if (step === null) return null;
    const brackets = await this.#bracketsOf(study);
    const { studyName } = study;
    if (brackets === null)
      return {
        phase: 'startup',
        basis: 'rung',
        own: trial.intermediateValues.get(step) as number,
        threshold: null,
        nOthers: 0,
        isPruned: false,
      };
    const bracket = brackets.of(studyName, trial.number);
    const pruner = brackets.pruners[bracket] as SuccessiveHalvingPruner;
    const decision = await pruner.explain(
      {
        studyName,
        directions: study.directions,
        getTrials: async (states) =>
          (await study.getTrials(states)).filter(
            ({ number }) => brackets.of(studyName, number) === bracket,
          ),
        setTrialSystemAttr: (...args) => study.setTrialSystemAttr(...args),
      },
      trial,
    );
    const { minResource, reductionFactor } = this.#options;
    const firstStep = minResource * reductionFactor ** bracket;
    const count = brackets.pruners.length;
    return decision && { ...decision, bracket: { index: bracket, count, firstStep } };
  }

  /** The trials of the same bracket: their last values are comparable. */
  async studyFor(study: StudyView, trial: FrozenTrial): Promise<StudyView> {
    const brackets = await this.#bracketsOf(study);
    if (brackets === null) return study;
    return this.#view(study, brackets.of(study.studyName, trial.number), brackets);
  }

  async #bracketsOf(study: PrunerStudy): Promise<Brackets | null> {
    let { maxResource } = this.#options;
    if (maxResource === 'auto') {
      const last = await lastStepOfFirstComplete(study);
      if (last === null) return null;
      maxResource = last + 1;
    }
    let brackets = this.#brackets.get(maxResource);
    if (!brackets) this.#brackets.set(maxResource, (brackets = this.#create(maxResource)));
    return brackets;
  }

  #create(maxResource: number): Brackets {
    const { minResource, reductionFactor, bootstrapCount } = this.#options;
    const ratio = Math.max(maxResource / minResource, 1);
    const n = Math.floor(Math.log(ratio) / Math.log(reductionFactor)) + 1;
    const budgets = Array.from({ length: n }, (_, bracket) => {
      const s = n - 1 - bracket;
      return Math.ceil((n * reductionFactor ** s) / (s + 1));
    });
    const pruners = budgets.map(
      (_, bracket) =>
        new SuccessiveHalvingPruner({
          minResource,
          reductionFactor,
          minEarlyStoppingRate: bracket,
          bootstrapCount,
        }),
    );
    return new Brackets(budgets, pruners);
  }

  #view(study: StudyView, bracket: number, brackets: Brackets): BracketView {
    let views = this.#views.get(study);
    if (!views) this.#views.set(study, (views = new Map()));
    let view = views.get(bracket);
    if (!view || view.brackets !== brackets)
      views.set(bracket, (view = new BracketView(study, bracket, brackets)));
    return view;
  }
}

/** A study reduced to the trials of one bracket. */
class BracketView implements StudyView {
  readonly studyId: number;
  readonly studyName: string;
  readonly directions: StudyView['directions'];
  readonly seed: number;
  readonly brackets: Brackets;
  readonly #study: StudyView;
  readonly #bracket: number;
  readonly #history: StudyHistory;
  /** The trials the history knows, by number. */
  #known = new Map<number, FrozenTrial>();

  constructor(study: StudyView, bracket: number, brackets: Brackets) {
    this.studyId = study.studyId;
    this.studyName = study.studyName;
    this.directions = study.directions;
    this.seed = study.seed;
    this.brackets = brackets;
    this.#study = study;
    this.#bracket = bracket;
    this.#history = new StudyHistory(study.directions);
  }

  async getTrials(states?: readonly TrialState[]): Promise<readonly FrozenTrial[]> {
    const trials = await this.#study.getTrials(states);
    return trials.filter(
      ({ number }) => this.brackets.of(this.studyName, number) === this.#bracket,
    );
  }

  async getHistory(): Promise<StudyHistory> {
    const trials = await this.getTrials();
    const known = new Map(trials.map((trial) => [trial.number, trial]));
    this.#history.update({
      trials: trials.filter((trial) => this.#known.get(trial.number) !== trial),
      deletedTrialIds: [...this.#known.values()]
        .filter((trial) => known.get(trial.number)?.trialId !== trial.trialId)
        .map((trial) => trial.trialId),
    });
    this.#known = known;
    return this.#history;
  }

  getSystemAttrs(): ReturnType<StudyView['getSystemAttrs']> {
    return this.#study.getSystemAttrs();
  }

  setSystemAttr(...args: Parameters<StudyView['setSystemAttr']>): Promise<void> {
    return this.#study.setSystemAttr(...args);
  }

  setTrialSystemAttr(...args: Parameters<StudyView['setTrialSystemAttr']>): Promise<void> {
    return this.#study.setTrialSystemAttr(...args);
  }

  stop(): void {
    this.#study.stop();
  }
}
