/**
 * Numbers that a database column may refuse are stored as NULL beside a type: `trial_values` and `trial_intermediate_values` of
 * Optuna's schema. States and directions are stored by their upper-case names.
 */
import type { StudyDirection } from '../../study/direction.ts';
import type { TrialState } from '../../trial/frozen-trial.ts';

export type StoredValueType = 'FINITE' | 'INF_POS' | 'INF_NEG' | 'NAN';

export function toStoredValue(value: number): [number | null, StoredValueType] {
  if (Number.isNaN(value)) return [null, 'NAN'];
  if (value === Infinity) return [null, 'INF_POS'];
  if (value === -Infinity) return [null, 'INF_NEG'];
  return [value, 'FINITE'];
}

export function fromStoredValue(value: number | null, type: string): number {
  switch (type) {
    case 'INF_POS':
      return Infinity;
    case 'INF_NEG':
      return -Infinity;
    default:
      return value ?? NaN;
  }
}

export function toStoredState(state: TrialState): string {
  return state.toUpperCase();
}

export function fromStoredState(state: string): TrialState {
  return state.toLowerCase() as TrialState;
}

/** `NOT_SET`, which Optuna's enumeration has too, is never stored for a study that was made through its functions. */
export function fromStoredDirection(direction: string): StudyDirection {
  return direction === 'MAXIMIZE' ? 'maximize' : 'minimize';
}

export function toStoredDirection(direction: StudyDirection): string {
  return direction.toUpperCase();
}
