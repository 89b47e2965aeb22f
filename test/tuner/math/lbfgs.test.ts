import { describe, expect, it } from 'vitest';
import { minimizeLbfgs, type DifferentiableFunction } from '../../../src-main/tuner/math/lbfgs.ts';

function rosenbrock(nEvery: number): DifferentiableFunction {
  return (x, gradient) => {
    gradient.fill(0);
    let sum = 0;
    for (let k = 0; k + 1 < nEvery; k++) {
      const [a, b] = [x[k] as number, x[k + 1] as number];
      sum += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
      gradient[k] = (gradient[k] as number) - 400 * a * (b - a * a) - 2 * (1 - a);
      gradient[k + 1] = (gradient[k + 1] as number) + 200 * (b - a * a);
    }
    return sum;
  };
}

describe('minimizeLbfgs', () => {
  it('finds the minimum of a curved valley', () => {
    for (const n of [2, 5, 20]) {
      const start = Float64Array.from({ length: n }, (_, k) => (k % 2 === 0 ? -1.2 : 1));
      const { point, value, nEvaluations } = minimizeLbfgs(rosenbrock(n), start, {
        valueTolerance: 0,
        gradientTolerance: 1e-7,
      });
      expect(value).toBeLessThan(1e-12);
      for (const coordinate of point) expect(coordinate).toBeCloseTo(1, 5);
      expect(nEvaluations).toBeLessThan(60 + 15 * n);
    }
  });

  it('finds the minimum of a badly scaled bowl', () => {
    const bowl: DifferentiableFunction = (x, gradient) => {
      let sum = 0;
      x.forEach((value, k) => {
        const weight = 10 ** (2 * k);
        gradient[k] = 2 * weight * (value - k);
        sum += weight * (value - k) ** 2;
      });
      return sum;
    };
    const { point } = minimizeLbfgs(bowl, new Float64Array(4).fill(7), { valueTolerance: 0 });
    point.forEach((value, k) => expect(value).toBeCloseTo(k, 5));
  });

  it('does not leave the region where the function is finite', () => {
    const barrier: DifferentiableFunction = ([x = 0], gradient) => {
      gradient[0] = 1 - 1 / x;
      return x - Math.log(x);
    };
    const { point, value } = minimizeLbfgs(barrier, Float64Array.of(1e-3));
    expect(point[0]).toBeCloseTo(1, 4);
    expect(value).toBeCloseTo(1, 8);
  });

  it('stays where it is when there is nothing to gain, or no value', () => {
    const flat: DifferentiableFunction = (_, gradient) => {
      gradient.fill(0);
      return 3;
    };
    expect(minimizeLbfgs(flat, Float64Array.of(2, 5))).toEqual({
      point: Float64Array.of(2, 5),
      value: 3,
      nEvaluations: 1,
    });
    expect(minimizeLbfgs(() => NaN, Float64Array.of(2)).value).toBe(Infinity);
  });
});
