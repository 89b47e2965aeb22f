import { toInternal, type Distribution } from '../../src-main/tuner/distributions.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';

/** A frozen trial with what is given: complete, without values and parameters where nothing is said. */
export function frozenTrial(given: Partial<FrozenTrial> & { number: number }): FrozenTrial {
  const { params = {}, distributions = {} } = given;
  return {
    trialId: given.number + 1,
    state: 'complete',
    values: null,
    startedAtMs: 0,
    completedAtMs: given.number,
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
    internalParams: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        toInternal(distributions[name] as Distribution, value),
      ]),
    ),
    ...given,
    params,
    distributions,
  };
}
