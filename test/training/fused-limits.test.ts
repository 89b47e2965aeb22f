import { expect, it } from 'vitest';
import { isWithinFused } from '../../src-main/training/fused-limits.ts';
import type { NetworkPlan } from '../../src-main/training/plan.ts';

it('the fused engine trains dense networks without norms, skips and embeddings, and no others', () => {
  const layer = { norm: 'none', skip: 'none' };
  const network = (change: object = {}): NetworkPlan =>
    ({ embeddings: [], convolution: null, layers: [layer, layer], ...change }) as never;
  expect(isWithinFused(network())).toBe(true);
  for (const change of [
    { embeddings: [{}] },
    { convolution: {} },
    { layers: [layer, { ...layer, norm: 'batch' }] },
    { layers: [layer, { ...layer, skip: 'residual' }] },
  ])
    expect(isWithinFused(network(change)), JSON.stringify(change)).toBe(false);
});
