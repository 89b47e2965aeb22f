import {
  createFloatDistribution,
  toInternal,
  type Distribution,
  type ParamValue,
} from '../../../src-main/tuner/distributions.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';

/** A complete trial; parameters without a distribution are floats from 0 to 1. */
export function trialWith(
  fields: Partial<Omit<FrozenTrial, 'internalParams'>> & { number: number },
): FrozenTrial {
  const params: Readonly<Record<string, ParamValue>> = fields.params ?? {};
  const distributions: Record<string, Distribution> = {};
  const internalParams: Record<string, number> = {};
  for (const [name, value] of Object.entries(params)) {
    const distribution = fields.distributions?.[name] ?? createFloatDistribution(0, 1);
    distributions[name] = distribution;
    internalParams[name] = toInternal(distribution, value);
  }
  return {
    trialId: fields.number + 1,
    state: 'complete',
    values: [0],
    startedAtMs: 0,
    completedAtMs: 1000,
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
    ...fields,
    params,
    internalParams,
    distributions,
  };
}
