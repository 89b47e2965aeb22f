import { checkOptions, type OptionSpec } from '../options.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision } from './pruner.ts';

export const nopPrunerOptions: readonly OptionSpec[] = [];

/** Never prunes. */
export class NopPruner implements Pruner {
  readonly name = 'nop';

  /** @throws InvalidArgumentError for any option. */
  constructor(options: object = {}) {
    checkOptions('NopPruner', nopPrunerOptions, options);
  }

  async prune(): Promise<boolean> {
    return false;
  }

  async explain(_study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const step = lastStep(trial);
    if (step === null) return null;
    return {
      phase: 'never',
      basis: 'nothing',
      own: trial.intermediateValues.get(step) as number,
      threshold: null,
      nOthers: 0,
      isPruned: false,
    };
  }
}
