import { describe, expect, it } from 'vitest';
import { testSampler } from '../../conformance/sampler.ts';
import { realFunctions } from '../../helpers/test-functions.ts';
import { hypervolume } from '../../../src-main/tuner/math/hypervolume.ts';
import { GpSampler } from '../../../src-main/tuner/samplers/gp/gp-sampler.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import type { Sampler } from '../../../src-main/tuner/samplers/sampler.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { createStudy, type CreateStudyOptions } from '../../../src-main/tuner/study/study.ts';
import { isFeasible } from '../../../src-main/tuner/system-attrs.ts';

testSampler({
  title: 'GpSampler',
  create: () => new GpSampler({ nStartupTrials: 4, warnIndependentSampling: false }),
  numRuns: 8,
});
testSampler({
  title: 'GpSampler without noise, with few trials',
  create: () =>
    new GpSampler({
      nStartupTrials: 4,
      deterministicObjective: true,
      maxTrials: 6,
      warnIndependentSampling: false,
    }),
  numRuns: 8,
});

function newStudy(options: Partial<CreateStudyOptions> = {}) {
  return createStudy({
    storage: new InMemoryStorage(),
    seed: 1,
    sampler: new GpSampler(),
    ...options,
  });
}

describe('GpSampler', () => {
  it('comes close to the optimum of smooth functions in few trials', async () => {
    for (const [name, tolerance] of [
      ['sphere2d', 0.01],
      ['branin', 0.01],
    ] as const) {
      const test = realFunctions.find((one) => one.name === name);
      if (!test) throw new Error(name);
      const study = await newStudy();
      await study.optimize((trial) => test.objective(trial), { nTrials: 40 });
      expect((await study.bestValue()) - test.optimum).toBeLessThan(tolerance);
    }
  });

  it('draws the first trials at random', async () => {
    const run = async (sampler: Sampler) => {
      const study = await newStudy({ sampler });
      await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 11 });
      return (await study.getTrials()).map(({ params }) => params.x);
    };
    const model = await run(new GpSampler());
    const random = await run(new RandomSampler());
    expect(model.slice(0, 10)).toEqual(random.slice(0, 10));
    expect(model[10]).not.toBe(random[10]);
  });

  it('finds the best choice and whole number', async () => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        const kind = await trial.suggestCategorical('kind', ['a', 'b', 'c', 'd', 'e', 'f']);
        const n = await trial.suggestInt('n', 0, 200);
        return (kind === 'd' ? 0 : 1) + ((n - 137) / 100) ** 2;
      },
      { nTrials: 45 },
    );
    const { params } = await study.bestTrial();
    expect(params.kind).toBe('d');
    expect(Math.abs((params.n as number) - 137)).toBeLessThanOrEqual(1);
  });

  it('keeps away from what running trials try', async () => {
    const study = await newStudy();
    await study.optimize(async (trial) => Math.sin(13 * (await trial.suggestFloat('x', 0, 1))), {
      nTrials: 12,
    });
    const first = await (await study.ask()).suggestFloat('x', 0, 1);
    const second = await (await study.ask()).suggestFloat('x', 0, 1);
    expect(Math.abs(first - second)).toBeGreaterThan(0.05);
  });

  it('knows of trials that were asked for and have not suggested yet', async () => {
    const study = await newStudy();
    await study.optimize(async (trial) => (await trial.suggestFloat('x', 0, 1)) ** 2, {
      nTrials: 12,
    });
    const trials = [await study.ask(), await study.ask(), await study.ask()];
    const xs = new Set<number>();
    for (const trial of trials) xs.add(await trial.suggestFloat('x', 0, 1));
    expect(xs.size).toBe(3);
  });

  it('reads what Optuna is about to try', async () => {
    const nextAfter = async (announced: string | null) => {
      const study = await newStudy();
      await study.optimize(async (trial) => ((await trial.suggestFloat('x', 0, 1)) - 0.3) ** 2, {
        nTrials: 12,
      });
      if (announced !== null) {
        const { trialId: id } = await study.storage.createTrial(study.studyId);
        await study.storage.setTrialSystemAttr(id, 'gp:relative_params:0', announced.slice(0, 4));
        await study.storage.setTrialSystemAttr(id, 'gp:relative_params:1', announced.slice(4));
      }
      return (await study.ask()).suggestFloat('x', 0, 1);
    };
    const alone = await nextAfter(null);
    const beside = await nextAfter(JSON.stringify({ x: alone }));
    expect(beside).not.toBeCloseTo(alone, 4);
    // The trial's number is another one, and so are random candidates: the maximum is the same.
    expect(await nextAfter('{"x": oops')).toBeCloseTo(alone, 2);
  });

  it('keeps to constraints, which it has to find out', async () => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        const x = await trial.suggestFloat('x', 0, 1);
        const y = await trial.suggestFloat('y', 0, 1);
        await trial.setConstraint('c', x + y - 0.3);
        return (x - 0.8) ** 2 + (y - 0.1) ** 2;
      },
      { nTrials: 45 },
    );
    const late = (await study.getTrials()).slice(20);
    expect(late.filter((trial) => isFeasible(trial)).length).toBeGreaterThan(5);
    // The best feasible point is (0.3, 0): 0.26.
    expect(await study.bestValue()).toBeLessThan(0.29);
  });

  it('goes on where the same constraint is violated everywhere', async () => {
    const study = await newStudy({ sampler: new GpSampler({ constraints: () => [1] }) });
    await study.optimize(async (trial) => ((await trial.suggestFloat('x', 0, 1)) - 0.3) ** 2, {
      nTrials: 20,
    });
    const values = (await study.getTrials()).map(({ params }) => params.x as number);
    expect(Math.min(...values.map((x) => Math.abs(x - 0.3)))).toBeLessThan(0.01);
  });

  it('stores the constraints of a function', async () => {
    const study = await newStudy({
      sampler: new GpSampler({ constraints: ({ number }) => [number - 3] }),
    });
    await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 12 });
    const trials = await study.getTrials();
    expect(trials.map((trial) => isFeasible(trial)).indexOf(false)).toBe(4);
  });

  it.each([2, 3])('approaches the Pareto front of %i objectives', async (nObjectives) => {
    const volume = async (sampler: Sampler) => {
      const study = await newStudy({
        sampler,
        directions: ['minimize', 'maximize', 'minimize'].slice(0, nObjectives) as 'minimize'[],
      });
      await study.optimize(
        async (trial) => {
          const x = await trial.suggestFloat('x', 0, 1);
          const y = await trial.suggestFloat('y', 0, 1);
          const z = await trial.suggestFloat('z', 0, 1);
          const g = 1 + 3 * ((y - 0.5) ** 2 + (z - 0.2) ** 2);
          return [x * g, -(1 - Math.sqrt(x)) * g, (x - 0.5) ** 2 + y].slice(0, nObjectives);
        },
        { nTrials: 25 },
      );
      const losses = (await study.getTrials()).flatMap(({ values }) =>
        (values ?? []).map((value, k) => (k === 1 ? -value : value)),
      );
      return hypervolume(Float64Array.from(losses), [2, 2, 2].slice(0, nObjectives));
    };
    expect(await volume(new GpSampler())).toBeGreaterThan(
      1.02 * (await volume(new RandomSampler())),
    );
  });

  it('says which parameters it could not treat with the others', async () => {
    const study = await newStudy({
      direction: 'maximize',
      sampler: new GpSampler({ nStartupTrials: 3, warnIndependentSampling: false }),
    });
    await study.optimize(
      async (trial) => {
        const n = await trial.suggestInt('n', 1, 2);
        return n + (n === 2 ? await trial.suggestFloat('second', 0, 1) : 0);
      },
      { nTrials: 15 },
    );
    const noted = (await study.getTrials()).map(
      ({ systemAttrs }) => systemAttrs['parzen:independent_params'],
    );
    expect(noted.some((names) => JSON.stringify(names) === '["second"]')).toBe(true);
  });

  it('checks its options', () => {
    expect(() => new GpSampler({ maxTrials: 1 })).toThrow(
      'GpSampler: `maxTrials` must be a whole number of at least 2, but got 1.',
    );
  });
});
