import { possibleValues } from './hyperparameter.ts';
import type { NetworkStudySpec } from './spec.ts';

/** What networks of the space may have and the fused engine has not; null: it trains them all. */
export function beyondFused(
  { type, norm, skip, embedding }: NetworkStudySpec['network'],
  hasCategories = true,
): string | null {
  if (type !== 'dense') return 'convolutions';
  const used = possibleValues(norm).find((one) => one !== 'none');
  if (used) return `${used} norm`;
  if (possibleValues(skip).includes('residual')) return 'skip connections';
  return hasCategories && possibleValues(embedding).some((one) => one !== 'none')
    ? 'embeddings'
    : null;
}
