import { FIXED_PARAMS } from '../../src-main/tuner/system-attrs.ts';
import type { Attrs } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatChoice } from './fields.ts';

/** What a trial in the queue will run with, as it is shown; the sampler chooses the rest. */
export function queuedParams(systemAttrs: Attrs): { name: string; value: string }[] {
  const fixed = systemAttrs[FIXED_PARAMS];
  if (typeof fixed !== 'object' || fixed === null || Array.isArray(fixed)) return [];
  return Object.entries(fixed).map(([name, value]) => ({
    name,
    value:
      typeof value === 'object' && value !== null ? JSON.stringify(value) : formatChoice(value),
  }));
}
