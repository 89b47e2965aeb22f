import { describe, expect, it } from 'vitest';
import { countParameters } from '../../../src-main/training/plan.ts';
import type { LayerPlan } from '../../../src-main/training/plan.ts';
import { available, factoryOf } from './available-backends.ts';
import {
  expectEpochsOfTorch,
  expectGradients,
  layerOf,
  planOf,
  randomData,
} from './small-networks.ts';

const layers: LayerPlan[] = [
  layerOf({ nUnits: 6 }),
  layerOf({ nUnits: 6, norm: 'layer', activation: 'tanh', skip: 'identity' }),
  layerOf({ nUnits: 5, skip: 'projection' }),
];

describe.each(available.filter(({ engine }) => engine === 'tfjs'))(
  'skip connections on $name',
  (one) => {
    it('learn what PyTorch learns, epoch by epoch', async () => {
      expectEpochsOfTorch(await factoryOf(one), 'residual.json', planOf(layers));
    });

    it('have the gradient of the loss, dropout included', async () => {
      const dropped = layers.map((layer) => ({ ...layer, dropout: 0.3 }));
      const data = randomData('crossEntropy', 6);
      expect(expectGradients(await factoryOf(one), planOf(dropped), data)).toBeGreaterThan(30);
    });
  },
);

it('counts projections', () => {
  const plain = layers.map((layer): LayerPlan => ({ ...layer, skip: 'none' }));
  const countOf = (given: readonly LayerPlan[]): number => countParameters(planOf(given).network);
  expect(countOf(layers) - countOf(plain)).toBe(6 * 5);
});
