import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from '../../../src-main/training/optimizers/optimizer.ts';
import type { OptimizerPlan } from '../../../src-main/training/plan.ts';

interface Fixture {
  learningRate: number;
  start: number[];
  gradients: number[][];
  cases: { type: OptimizerPlan['type']; settings: Partial<OptimizerPlan>; steps: number[][] }[];
}

const fixture = JSON.parse(readFileSync('test/fixtures/torch/optimizers.json', 'utf8')) as Fixture;

function planOf(type: OptimizerPlan['type'], settings: Partial<OptimizerPlan> = {}): OptimizerPlan {
  return {
    type,
    learningRate: 0.1,
    weightDecay: 0,
    l1: 0,
    clipNorm: 0,
    momentum: 0,
    nesterov: false,
    alpha: 0.99,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: type === 'adagrad' ? 1e-10 : 1e-8,
    ...settings,
  };
}

describe('createOptimizer', () => {
  it.each(fixture.cases)("takes PyTorch's steps: $type $settings", ({ type, settings, steps }) => {
    const weights = Float32Array.from(fixture.start);
    const optimizer = createOptimizer(planOf(type, settings), [weights.length]);
    steps.forEach((expected, i) => {
      const gradient = Float32Array.from(fixture.gradients[i] as number[]);
      optimizer.step([weights], [gradient], fixture.learningRate);
      expected.forEach((value, k) => expect(weights[k]).toBeCloseTo(value, 5));
    });
  });

  // By hand, with PyTorch's rule: g = 0.2 + 0.5 * 1 = 0.7; m = 0.07, v = 0.00049; both corrected: 0.7 and 0.49;
  // w = 1 - 0.1 * 0.7 / (0.7 + 0.3) = 0.93. An epsilon inside the root or before the correction gives another number.
  it('adds weight decay to the gradient, corrects the bias, and adds epsilon outside the root', () => {
    const weights = Float32Array.of(1);
    const plan = planOf('adam', { weightDecay: 0.5, epsilon: 0.3 });
    createOptimizer(plan, [1]).step([weights], [Float32Array.of(0.2)], 0.1);
    expect(weights[0]).toBeCloseTo(0.93, 6);
  });

  it('clips all arrays together', () => {
    const weights = [Float32Array.of(0), Float32Array.of(0)];
    const gradients = [Float32Array.of(3), Float32Array.of(4)];
    createOptimizer(planOf('sgd', { clipNorm: 1 }), [1, 1]).step(weights, gradients, 1);
    expect(weights.map(([w]) => w)).toEqual([expect.closeTo(-0.6, 6), expect.closeTo(-0.8, 6)]);
  });

  it('keeps the states of several arrays apart', () => {
    const [together, apart] = [0, 1].map(() => [Float32Array.of(1, 2), Float32Array.of(3)]) as [
      Float32Array[],
      Float32Array[],
    ];
    const gradients = [
      [Float32Array.of(0.1, 0.2), Float32Array.of(-0.4)],
      [Float32Array.of(0.3, -0.2), Float32Array.of(0.5)],
    ];
    const plan = planOf('adam');
    const joint = createOptimizer(plan, [2, 1]);
    const own = [createOptimizer(plan, [2]), createOptimizer(plan, [1])];
    for (const step of gradients) {
      joint.step(together, step, 0.1);
      own.forEach((optimizer, i) =>
        optimizer.step([apart[i] as Float32Array], [step[i] as Float32Array], 0.1),
      );
    }
    expect(together).toEqual(apart);
  });
});
