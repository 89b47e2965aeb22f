import { possibleValues } from './hyperparameter.ts';
import type { StudySpec } from './spec.ts';

/** What networks of the space may have and the fused engine has not; null: it trains them all. */
export function beyondFused({ norm, skip }: StudySpec['network']): string | null {
  const used = possibleValues(norm).find((one) => one !== 'none');
  if (used) return `${used} norm`;
  return possibleValues(skip).includes('residual') ? 'skip connections' : null;
}
