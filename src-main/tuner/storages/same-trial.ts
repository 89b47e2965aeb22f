import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** Whether two trials say the same, -0 being 0 and NaN being NaN. */
export function isSameTrial(a: FrozenTrial, b: FrozenTrial): boolean {
  return (
    a.state === b.state &&
    a.startedAtMs === b.startedAtMs &&
    a.completedAtMs === b.completedAtMs &&
    isSame(a.values, b.values) &&
    isSame(a.internalParams, b.internalParams) &&
    isSame(a.params, b.params) &&
    isSame(a.distributions, b.distributions) &&
    isSame([...a.intermediateValues.keys()], [...b.intermediateValues.keys()]) &&
    isSame([...a.intermediateValues.values()], [...b.intermediateValues.values()]) &&
    isSame(a.userAttrs, b.userAttrs) &&
    isSame(a.systemAttrs, b.systemAttrs)
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a !== a && b !== b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
