import { CONSTRAINT_PREFIX, CONSTRAINTS } from '../../src-main/tuner/system-attrs.ts';
import type { Attrs } from '../../src-main/tuner/trial/frozen-trial.ts';
import { text } from '../text.ts';

export interface Constraint {
  readonly name: string;
  readonly value: number;
  /** A constraint holds up to 0. */
  readonly isViolated: boolean;
}

/** The constraints of a trial: by their names, as Optuna 5 keeps them, or else by their places. */
export function constraintsOf(systemAttrs: Attrs): Constraint[] {
  const list = systemAttrs[CONSTRAINTS];
  const entries = Array.isArray(list)
    ? list.map((value, i) => [text.trial.nthConstraint(i + 1), value] as const)
    : Object.entries(systemAttrs)
        .filter(([key]) => key.startsWith(CONSTRAINT_PREFIX))
        .map(([key, value]) => [key.slice(CONSTRAINT_PREFIX.length), value] as const);
  return entries.map(([name, value]) => {
    const number = typeof value === 'number' ? value : NaN;
    return { name, value: number, isViolated: !(number <= 0) };
  });
}
