import { checkOptions, type OptionSpec } from '../options.ts';
import type { Pruner } from './pruner.ts';

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
}
