import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import type { NetworkPlan } from '../../../src-main/training/plan.ts';
import { initializers } from '../../../src-main/training/vocabulary.ts';
import type { Initializer } from '../../../src-main/training/vocabulary.ts';
import { layerOf } from './small-networks.ts';

function weightsOf(init: Initializer, widths: [number, number, number], seed = 1): Float32Array[] {
  const [nInputs, nUnits, nOutputs] = widths;
  const layers: NetworkPlan['layers'] = [layerOf({ nUnits, init })];
  return initialWeights(
    { nInputs, embeddings: [], convolution: null, layers, nOutputs, init },
    createRng('initializers', seed),
  );
}

const N_INPUTS = 150;
const N_UNITS = 250;

describe('initialWeights', () => {
  // Variances: PyTorch 1 / (3 inputs), Glorot 2 / (inputs + units), He 2 / inputs, LeCun 1 / inputs; a uniform
  // distribution in ±b has b² / 3, a normal one goes far beyond that.
  it.each([
    ['pytorch', 1 / (3 * N_INPUTS), true],
    ['glorotUniform', 2 / (N_INPUTS + N_UNITS), true],
    ['glorotNormal', 2 / (N_INPUTS + N_UNITS), false],
    ['heUniform', 2 / N_INPUTS, true],
    ['heNormal', 2 / N_INPUTS, false],
    ['lecunNormal', 1 / N_INPUTS, false],
  ] as const)('spreads weights as %s asks for', (init, variance, isUniform) => {
    const [matrix] = weightsOf(init, [N_INPUTS, N_UNITS, 3]) as [Float32Array];
    const mean = matrix.reduce((sum, w) => sum + w, 0) / matrix.length;
    const square = matrix.reduce((sum, w) => sum + w * w, 0) / matrix.length;
    const largest = matrix.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / matrix.length));
    expect(square / variance).toBeCloseTo(1, 1);
    const bound = Math.sqrt(3 * variance);
    if (isUniform) {
      expect(largest).toBeLessThanOrEqual(bound * 1.000001);
      expect(largest).toBeGreaterThan(0.999 * bound);
    } else expect(largest).toBeGreaterThan(2 * bound);
  });

  it.each([
    [7, 4],
    [4, 7],
    [5, 5],
  ])('makes an orthogonal %d x %d matrix', (nInputs, nUnits) => {
    const [matrix] = weightsOf('orthogonal', [nInputs, nUnits, 2]) as [Float32Array];
    const at = (input: number, unit: number): number => matrix[input * nUnits + unit] as number;
    const fewer = Math.min(nInputs, nUnits);
    for (let a = 0; a < fewer; a++)
      for (let b = 0; b < fewer; b++) {
        let product = 0;
        for (let i = 0; i < Math.max(nInputs, nUnits); i++)
          product += nInputs < nUnits ? at(a, i) * at(b, i) : at(i, a) * at(i, b);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 6);
      }
  });

  it.each(initializers)('starts biases at 0, unless PyTorch does not: %s', (init) => {
    const [, first, , last] = weightsOf(init, [4, 8, 3]) as Float32Array[];
    const isZero = [...(first ?? []), ...(last ?? [])].every((bias) => bias === 0);
    expect(isZero).toBe(init !== 'pytorch');
  });

  it.each(initializers)('is the same for the same seed only: %s', (init) => {
    const widths: [number, number, number] = [4, 8, 3];
    expect(weightsOf(init, widths)).toEqual(weightsOf(init, widths));
    expect(weightsOf(init, widths, 2)).not.toEqual(weightsOf(init, widths));
  });
});
