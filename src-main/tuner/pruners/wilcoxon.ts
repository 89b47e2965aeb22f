/**
 * For objectives that average over instances (folds, seeds, questions): a report is the value of one instance, its step the
 * instance. A trial is pruned when a signed-rank test over the instances it shares with the best trial says that it is worse.
 *
 * Follows `optuna/pruners/_wilcoxon.py` (5.0).
 */
import { logger } from '../logger.ts';
import { wilcoxonPValue } from '../math/wilcoxon.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import { isBetter } from '../study/direction.ts';
import type { StudyView } from '../study/study-view.ts';
import { isFeasible } from '../system-attrs.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision, PruningPhase } from './pruner.ts';

export interface WilcoxonPrunerOptions {
  /** Prune where the test's p-value is below it, from 0 to 1. The test is repeated, so errors are more frequent than this. @default 0.1 */
  pThreshold?: number;
  /** Instances in common there must be, at least 2 in any case. @default 2 */
  nStartupSteps?: number;
}

export const wilcoxonPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'pThreshold',
    title: 'p-value',
    description: "Prune where the test's p-value is below it.",
    min: 0,
    max: 1,
    default: 0.1,
  },
  {
    type: 'number',
    name: 'nStartupSteps',
    title: 'Instances first',
    description: 'Instances a trial must have in common with the best one, at least 2 in any case.',
    isInteger: true,
    min: 0,
    default: 2,
  },
];

export class WilcoxonPruner implements Pruner {
  readonly name = 'wilcoxon';
  readonly #options: Required<WilcoxonPrunerOptions>;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: WilcoxonPrunerOptions = {}) {
    this.#options = checkOptions<Required<WilcoxonPrunerOptions>>(
      'WilcoxonPruner',
      wilcoxonPrunerOptions,
      options,
    );
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    const decision = await this.explain(study, trial);
    if (decision?.phase === 'infinite')
      logger.warn(
        `The reports of trial ${hasFiniteReports(trial) ? decision.otherTrial : trial.number} are not all finite; WilcoxonPruner does not prune then.`,
      );
    return decision?.isPruned ?? false;
  }

  async explain(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const { pThreshold, nStartupSteps } = this.#options;
    if (lastStep(trial) === null) return null;
    const goesOn = (phase: PruningPhase, best?: FrozenTrial, nOthers = 0): PruningDecision => ({
      phase,
      basis: 'test',
      own: NaN,
      threshold: null,
      nOthers,
      ...(best ? { otherTrial: best.number } : {}),
      isPruned: false,
    });
    if (!hasFiniteReports(trial)) return goesOn('infinite');
    const best = await bestTrial(study);
    if (best === null || best.intermediateValues.size === 0) return goesOn('startup');
    if (!hasFiniteReports(best)) return goesOn('infinite', best);

    const differences: number[] = [];
    for (const [step, value] of trial.intermediateValues) {
      const other = best.intermediateValues.get(step);
      if (other !== undefined) differences.push(value - other);
    }
    const nCommon = differences.length;
    if (nCommon < Math.max(2, nStartupSteps)) return goesOn('few', best, nCommon);
    const [direction = 'minimize'] = study.directions;
    const own = wilcoxonPValue(differences, direction === 'minimize' ? 'greater' : 'less');
    // On average the trial may be no worse for all that: then it is kept.
    const isWorse = isBetter(direction, meanReport(best), meanReport(trial));
    return {
      ...goesOn(own < pThreshold && !isWorse ? 'average' : 'compared', best, nCommon),
      own,
      threshold: pThreshold,
      isPruned: own < pThreshold && isWorse,
    };
  }
}

function hasFiniteReports({ intermediateValues }: FrozenTrial): boolean {
  for (const value of intermediateValues.values()) if (!Number.isFinite(value)) return false;
  return true;
}

async function bestTrial(study: PrunerStudy): Promise<FrozenTrial | null> {
  const [direction = 'minimize'] = study.directions;
  let best: FrozenTrial | null = null;
  for (const trial of await study.getTrials(['complete']))
    if (
      isFeasible(trial) &&
      (best === null ||
        isBetter(direction, trial.values?.[0] as number, best.values?.[0] as number))
    )
      best = trial;
  return best;
}

function meanReport({ intermediateValues }: FrozenTrial): number {
  let sum = 0;
  for (const value of intermediateValues.values()) sum += value;
  return sum / intermediateValues.size;
}
