import { possibleValues } from './hyperparameter.ts';
import type { StudySpec } from './spec.ts';

/** What networks of the space may have and the fused engine has not; null: it trains them all. */
export function beyondFused({ norm }: StudySpec['network']): string | null {
  const used = possibleValues(norm).find((one) => one !== 'none');
  return used ? `${used} norm` : null;
}
