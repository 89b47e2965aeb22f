import { possibleValues } from './hyperparameter.ts';
import type { NetworkPlan } from './plan.ts';
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

/** Whether some networks of the space are such that the fused engine trains them, though not all. */
export function isPartlyFused(network: NetworkStudySpec['network'], hasCategories = true): boolean {
  const { type, norm, skip, embedding } = network;
  return (
    type === 'dense' &&
    beyondFused(network, hasCategories) !== null &&
    possibleValues(norm).includes('none') &&
    possibleValues(skip).includes('none') &&
    (!hasCategories || possibleValues(embedding).includes('none'))
  );
}

/** Whether the fused engine trains this network. */
export function isWithinFused({ embeddings, convolution, layers }: NetworkPlan): boolean {
  return (
    embeddings.length === 0 &&
    convolution === null &&
    layers.every(({ norm, skip }) => norm === 'none' && skip === 'none')
  );
}
