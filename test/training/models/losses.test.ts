import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeLoss } from '../../../src-main/training/models/losses.ts';
import { losses } from '../../../src-main/training/vocabulary.ts';
import type { LossType } from '../../../src-main/training/vocabulary.ts';

interface LossCase {
  type: LossType;
  delta: number;
  outputs: number[];
  targets: number[];
  nOutputs: number;
  loss: number;
  gradient: number[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/torch/losses.json', 'utf8')) as {
  cases: LossCase[];
};

describe('computeLoss', () => {
  it.each(cases)('gives the numbers of PyTorch: $type', (given) => {
    const nRows = given.outputs.length / given.nOutputs;
    const gradient = new Float32Array(given.outputs.length);
    const sums = computeLoss(
      given,
      Float32Array.from(given.outputs),
      Float32Array.from(given.targets),
      given.nOutputs,
      gradient,
    );
    expect(sums.loss / nRows).toBeCloseTo(given.loss, 5);
    given.gradient.forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 6));
  });

  it.each(losses)('has the slope of its own value: %s', (type) => {
    const nOutputs = type === 'crossEntropy' ? 3 : 2;
    // Outputs at odd, targets at even hundredths: never at the corner of the absolute difference.
    const odd = fc.integer({ min: -150, max: 150 }).map((x) => (2 * x + 1) / 50);
    const even = fc.integer({ min: -150, max: 150 }).map((x) => x / 25);
    fc.assert(
      fc.property(
        fc.array(odd, { minLength: 3 * nOutputs, maxLength: 3 * nOutputs }),
        fc.array(even, { minLength: 3 * nOutputs, maxLength: 3 * nOutputs }),
        (values, wanted) => {
          const outputs = Float32Array.from(values);
          const targets =
            type === 'crossEntropy'
              ? Float32Array.from(wanted.slice(0, 3), (x) => Math.abs(Math.round(x)) % 3)
              : Float32Array.from(wanted);
          const plan = { type, delta: 0.7 };
          const gradient = new Float32Array(outputs.length);
          computeLoss(plan, outputs, targets, nOutputs, gradient);
          const at = (i: number, shift: number): number => {
            const shifted = outputs.slice();
            shifted[i] = (shifted[i] as number) + shift;
            return computeLoss(plan, shifted, targets, nOutputs).loss / 3;
          };
          gradient.forEach((slope, i) =>
            expect(slope).toBeCloseTo((at(i, 1 / 128) - at(i, -1 / 128)) * 64, 2),
          );
        },
      ),
    );
  });

  it('stays finite for huge logits', () => {
    const gradient = new Float32Array(2);
    const sums = computeLoss(
      { type: 'crossEntropy', delta: 1 },
      Float32Array.of(1e4, -1e4),
      Float32Array.of(1),
      2,
      gradient,
    );
    expect(sums.loss).toBe(2e4);
    expect([...gradient]).toEqual([1, -1]);
  });

  it('is NaN where an output is', () => {
    const outputs = Float32Array.of(NaN, 1);
    for (const type of ['crossEntropy', 'mse'] as const)
      expect(computeLoss({ type, delta: 1 }, outputs, Float32Array.of(0, 1), 2).loss).toBeNaN();
  });
});
