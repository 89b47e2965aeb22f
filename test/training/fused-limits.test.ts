import { expect, it } from 'vitest';
import { beyondFused, isPartlyFused, isWithinFused } from '../../src-main/training/fused-limits.ts';
import type { NetworkPlan } from '../../src-main/training/plan.ts';
import type { NetworkStudySpec } from '../../src-main/training/spec.ts';

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

it('knows what of a space the fused engine lacks, and whether some networks of it do without', () => {
  const about = (change: object, hasCategories = true) => {
    const plain = { type: 'dense', norm: 'none', skip: 'none', embedding: 'none' };
    const network = { ...plain, ...change } as unknown as NetworkStudySpec['network'];
    return [beyondFused(network, hasCategories), isPartlyFused(network, hasCategories)];
  };
  expect(about({})).toEqual([null, false]);
  expect(about({ type: 'conv1d' })).toEqual(['convolutions', false]);
  expect(about({ norm: 'batch' })).toEqual(['batch norm', false]);
  expect(about({ norm: { choices: ['none', 'layer'] } })).toEqual(['layer norm', true]);
  expect(about({ skip: 'residual' })).toEqual(['skip connections', false]);
  expect(about({ skip: { choices: ['none', 'residual'] } })).toEqual(['skip connections', true]);
  const both = { norm: 'batch', skip: { choices: ['none', 'residual'] } };
  expect(about(both)).toEqual(['batch norm', false]);
  // Embeddings are of categories, if there are any.
  expect(about({ embedding: 4 })).toEqual(['embeddings', false]);
  expect(about({ embedding: { choices: ['none', 4] } })).toEqual(['embeddings', true]);
  expect(about({ embedding: 4 }, false)).toEqual([null, false]);
  const one = { norm: { choices: ['none', 'layer'] }, embedding: 4 };
  expect(about(one)).toEqual(['layer norm', false]);
  expect(about(one, false)).toEqual(['layer norm', true]);
});
