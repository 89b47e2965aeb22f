import { describe, expect, it } from 'vitest';
import { GaussianProcess } from '../../../../src-main/tuner/math/gaussian-process/gaussian-process.ts';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';

const N_DIMS = 4;
/** The third dimension holds choices. */
const isChoice = [false, false, true, false];

function randomProcess(seed: number, n: number): GaussianProcess {
  const rng = createRng(seed, 'process');
  const points = Float64Array.from({ length: n * N_DIMS }, (_, i) =>
    isChoice[i % N_DIMS] ? rng.integer(3) : rng.uniform(),
  );
  return new GaussianProcess(
    { points, values: Float64Array.from({ length: n }, () => rng.normal()), isChoice },
    {
      inverseSquaredLengths: Float64Array.from({ length: N_DIMS }, () => Math.exp(rng.normal())),
      scale: 1.5,
      noise: 1e-3,
    },
  );
}

describe('GaussianProcess.posteriorWithGradients', () => {
  it('gives the posterior, and its slopes', () => {
    for (let seed = 0; seed < 10; seed++) {
      const process = randomProcess(seed, 2 + 3 * seed);
      const rng = createRng(seed, 'point');
      const point = Float64Array.from(isChoice, (one) => (one ? rng.integer(3) : rng.uniform()));
      const byMean = new Float64Array(N_DIMS).fill(NaN);
      const byVariance = new Float64Array(N_DIMS).fill(NaN);
      expect(process.posteriorWithGradients(point, byMean, byVariance)).toEqual(
        process.posterior(point),
      );
      for (let k = 0; k < N_DIMS; k++) {
        const at = (offset: number) =>
          process.posterior(point.map((x, i) => (i === k ? x + offset : x)));
        const [below, above] = isChoice[k] ? [at(0), at(0)] : [at(-1e-5), at(1e-5)];
        expect(byMean[k]).toBeCloseTo((above.mean - below.mean) / 2e-5, 6);
        expect(byVariance[k]).toBeCloseTo((above.variance - below.variance) / 2e-5, 6);
      }
    }
  });
});

describe('GaussianProcess.believing', () => {
  it('keeps the mean everywhere and is sure of it near the points believed', () => {
    const process = randomProcess(1, 12);
    const rng = createRng(3);
    const points = Float64Array.from({ length: 3 * N_DIMS }, (_, i) =>
      isChoice[i % N_DIMS] ? rng.integer(3) : rng.uniform(),
    );
    const believing = process.believing(points);
    for (let i = 0; i < 3; i++) {
      const point = points.subarray(i * N_DIMS, (i + 1) * N_DIMS);
      const before = process.posterior(point);
      const after = believing.posterior(point);
      expect(after.mean).toBeCloseTo(before.mean, 9);
      expect(after.variance).toBeLessThan(process.params.noise);
      expect(before.variance).toBeGreaterThan(10 * process.params.noise);
    }
    const elsewhere = [0.1, 0.9, 1, 0.5];
    expect(believing.posterior(elsewhere).mean).toBeCloseTo(process.posterior(elsewhere).mean, 9);
  });
});
