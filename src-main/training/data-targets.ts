import type { DataSpec } from './spec.ts';

/** The columns to predict. */
export function targetsOf({ target }: Pick<DataSpec, 'target'>): readonly string[] {
  return typeof target === 'string' ? [target] : target;
}
