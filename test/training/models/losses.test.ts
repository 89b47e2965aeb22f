import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeLoss } from '../../../src-main/training/models/losses.ts';
import type { LossPlan } from '../../../src-main/training/plan.ts';
import { losses, lossesOf } from '../../../src-main/training/vocabulary.ts';
import type { LossType } from '../../../src-main/training/vocabulary.ts';

interface LossCase {
  type: LossType;
  settings: Partial<LossPlan>;
  outputs: number[];
  targets: number[];
  nOutputs: number;
  loss: number;
  gradient: number[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/torch/losses.json', 'utf8')) as {
  cases: LossCase[];
};

function planOf(type: LossType, settings: Partial<LossPlan> = {}): LossPlan {
  return { type, delta: 1, gamma: 2, labelSmoothing: 0, classWeights: null, ...settings };
}

function isClassLoss(type: LossType): boolean {
  return lossesOf.classification.includes(type);
}

describe('computeLoss', () => {
  it.each(cases)('gives the numbers of PyTorch: $type $settings', (given) => {
    const nRows = given.outputs.length / given.nOutputs;
    const gradient = new Float32Array(given.outputs.length);
    const sums = computeLoss(
      planOf(given.type, given.settings),
      Float32Array.from(given.outputs),
      Float32Array.from(given.targets),
      given.nOutputs,
      gradient,
    );
    expect(sums.loss / nRows).toBeCloseTo(given.loss, 5);
    given.gradient.forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 6));
  });

  it.each([
    ...losses.map((type) => planOf(type, { delta: 0.7 })),
    planOf('crossEntropy', { labelSmoothing: 0.2, classWeights: [0.5, 1, 2] }),
    planOf('focal', { gamma: 1.5, labelSmoothing: 0.1, classWeights: [0.5, 1, 2] }),
  ])('has the slope of its own value: %j', (plan) => {
    const nOutputs = isClassLoss(plan.type) ? 3 : 2;
    // Outputs at odd, targets at even hundredths: never at the corner of the absolute difference.
    const odd = fc.integer({ min: -150, max: 150 }).map((x) => (2 * x + 1) / 50);
    const even = fc.integer({ min: -150, max: 150 }).map((x) => x / 25);
    fc.assert(
      fc.property(
        fc.array(odd, { minLength: 3 * nOutputs, maxLength: 3 * nOutputs }),
        fc.array(even, { minLength: 3 * nOutputs, maxLength: 3 * nOutputs }),
        (values, wanted) => {
          const outputs = Float32Array.from(values);
          const targets = isClassLoss(plan.type)
            ? Float32Array.from(wanted.slice(0, 3), (x) => Math.abs(Math.round(x)) % 3)
            : Float32Array.from(wanted);
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
      planOf('crossEntropy'),
      Float32Array.of(1e4, -1e4),
      Float32Array.of(1),
      2,
      gradient,
    );
    expect(sums.loss).toBe(2e4);
    expect([...gradient]).toEqual([1, -1]);
  });

  it.each([0, 0.5, 2])('keeps focal loss finite for huge logits: gamma %d', (gamma) => {
    const gradient = new Float32Array(2);
    const outputs = Float32Array.of(1e4, -1e4);
    for (const label of [0, 1]) {
      const plan = planOf('focal', { gamma });
      const { loss } = computeLoss(plan, outputs, Float32Array.of(label), 2, gradient);
      expect(loss).toBe(label === 0 ? 0 : 2e4);
      expect([...gradient].every(Number.isFinite)).toBe(true);
    }
  });

  it('is NaN where an output is', () => {
    const outputs = Float32Array.of(NaN, 1);
    for (const type of ['crossEntropy', 'mse'] as const)
      expect(computeLoss(planOf(type), outputs, Float32Array.of(0, 1), 2).loss).toBeNaN();
  });
});
