import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createFloatDistribution,
  type CategoricalChoice,
  type ParamValue,
} from '../../../../src-main/tuner/distributions.ts';
import { InvalidArgumentError, TrialPruned } from '../../../../src-main/tuner/errors.ts';
import { setLogger } from '../../../../src-main/tuner/logger.ts';
import {
  CmaEsSampler,
  type CmaEsSamplerOptions,
} from '../../../../src-main/tuner/samplers/cma-es/cma-es-sampler.ts';
import { RandomSampler } from '../../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../../src-main/tuner/storages/in-memory.ts';
import type { Storage } from '../../../../src-main/tuner/storages/storage.ts';
import type { StudyDirection } from '../../../../src-main/tuner/study/direction.ts';
import {
  copyStudy,
  createStudy,
  loadStudy,
  type Study,
} from '../../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../../src-main/tuner/trial/trial.ts';
import { testSampler } from '../../../conformance/sampler.ts';

testSampler({
  title: 'CmaEsSampler',
  create: () => new CmaEsSampler(),
  supportsSeveralObjectives: false,
});
testSampler({
  title: 'CmaEsSampler, separable, without margin, with bipop and tiny generations',
  create: () =>
    new CmaEsSampler({
      nStartupTrials: 0,
      popsize: 2,
      restartStrategy: 'bipop',
      useSeparableCma: true,
      withMargin: false,
      considerPrunedTrials: true,
      independentSampler: new RandomSampler(),
    }),
  supportsSeveralObjectives: false,
});
testSampler({
  title: 'CmaEsSampler, with adapted learning rate and a wide start',
  create: () => new CmaEsSampler({ popsize: 4, lrAdapt: true, sigma0: 3 }),
  supportsSeveralObjectives: false,
});

afterEach(() => setLogger(null));

function newStudy(
  options: CmaEsSamplerOptions = {},
  study: { storage?: Storage; seed?: number; direction?: StudyDirection } = {},
): Promise<Study> {
  return createStudy({
    storage: new InMemoryStorage(),
    seed: 1,
    ...study,
    sampler: new CmaEsSampler(options),
  });
}

async function bowl(trial: Trial): Promise<number> {
  const x = await trial.suggestFloat('x', -5, 5);
  const y = await trial.suggestFloat('y', -5, 5);
  const n = await trial.suggestInt('n', 0, 20);
  return (x - 1) ** 2 + (x + y) ** 2 + (n - 7) ** 2 / 10;
}

async function contents(study: Study): Promise<unknown> {
  return (await study.getTrials()).map(({ params, values, systemAttrs }) => ({
    params,
    values,
    // Who ran it differs, of course.
    mark: systemAttrs['parzen:cma_es'],
  }));
}

describe('CmaEsSampler', () => {
  it('finds the bottom of a bowl that random search does not', async () => {
    for (const direction of ['minimize', 'maximize'] as const) {
      const study = await newStudy({}, { direction });
      const sign = direction === 'minimize' ? 1 : -1;
      await study.optimize(async (trial) => sign * (await bowl(trial)), { nTrials: 300 });
      expect(sign * (await study.bestValue())).toBeLessThan(1e-4);
    }
  });

  it('samples one trial at random first, and then in generations', async () => {
    const study = await newStudy({ popsize: 4 });
    await study.optimize(bowl, { nTrials: 10 });
    const marks = (await study.getTrials()).map(({ systemAttrs }) => systemAttrs['parzen:cma_es']);
    expect(marks[0]).toBeUndefined();
    const generations = marks.slice(1).map((mark) => (mark as { generation: number }).generation);
    expect(generations).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
    expect(marks.map((mark) => (mark as { parents?: number[] } | undefined)?.parents)).toEqual([
      ...new Array<undefined>(5).fill(undefined),
      [1, 2, 3, 4],
      ...new Array<undefined>(3).fill(undefined),
      [5, 6, 7, 8],
    ]);
  });

  it('is not changed by a stop after every trial, over restarts', async () => {
    const options: CmaEsSamplerOptions = { popsize: 4, restartStrategy: 'ipop', sigma0: 1e-3 };
    const objective = async (trial: Trial) => {
      await bowl(trial);
      // Flat, so that it restarts.
      return 1;
    };
    const whole = await newStudy(options);
    await whole.optimize(objective, { nTrials: 330 });
    const storage = new InMemoryStorage();
    const { studyName } = await newStudy(options, { storage });
    for (let i = 0; i < 330; i++) {
      const study = await loadStudy({ storage, studyName, sampler: new CmaEsSampler(options) });
      await study.optimize(objective, { nTrials: 1 });
    }
    const stopped = await contents(await loadStudy({ storage, studyName }));
    expect(stopped).toEqual(await contents(whole));
    const generations = (stopped as { mark?: { parents?: number[] } }[]).flatMap(({ mark }) =>
      mark?.parents ? [mark.parents.length] : [],
    );
    expect(Math.max(...generations)).toBeGreaterThanOrEqual(8);
  });

  it('takes up a trial that was killed as it was', async () => {
    const storage = new InMemoryStorage();
    const study = await newStudy({ popsize: 4 }, { storage });
    await study.optimize(bowl, { nTrials: 5 });
    // The trial that opens the second generation is asked, and its process dies.
    const asked = await study.ask();
    const first = await asked.suggestFloat('x', -5, 5);
    await storage.requeueTrial(asked.trialId, ownerOf(await storage.getTrial(asked.trialId)));
    const { studyName } = study;
    const resumed = await loadStudy({
      storage,
      studyName,
      sampler: new CmaEsSampler({ popsize: 4 }),
    });
    const again = await resumed.ask();
    expect(again.number).toBe(asked.number);
    expect(await again.suggestFloat('x', -5, 5)).toBe(first);
    expect((await storage.getTrial(again.trialId)).systemAttrs['parzen:cma_es']).toMatchObject({
      generation: 1,
      parents: [1, 2, 3, 4],
    });
  });

  it('lets several processes agree on the distribution, whatever order trials finish in', async () => {
    const storage = new InMemoryStorage();
    const options = { popsize: 5 };
    const one = await newStudy(options, { storage });
    const { studyName } = one;
    const other = await loadStudy({ storage, studyName, sampler: new CmaEsSampler(options) });
    const running: { trialId: number; number: number; value: number }[] = [];
    for (let i = 0; i < 120; i++) {
      const study = i % 3 === 0 ? one : other;
      const trial = await study.ask();
      running.push({ trialId: trial.trialId, number: trial.number, value: await bowl(trial) });
      if (running.length < 4) continue;
      const [done] = running.splice((i * 7) % running.length, 1);
      if (done) await study.tell(done.number, done.value);
    }
    const third = await loadStudy({ storage, studyName, sampler: new CmaEsSampler(options) });
    const asked = await one.ask();
    const trial = await storage.getTrial(asked.trialId);
    const answers: unknown[] = [];
    for (const study of [one, other, third]) {
      const space = await study.sampler.inferRelativeSearchSpace(study, trial);
      answers.push(await study.sampler.sampleRelative(study, trial, space));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    const generation = (trial.systemAttrs['parzen:cma_es'] as { generation: number }).generation;
    expect(generation).toBeGreaterThan(10);
  });

  it('goes on in a copy of the study', async () => {
    const study = await newStudy();
    await study.optimize(bowl, { nTrials: 30 });
    const to = new InMemoryStorage();
    await copyStudy({ from: study.storage, studyName: study.studyName, to });
    const copy = await loadStudy({
      storage: to,
      studyName: study.studyName,
      sampler: new CmaEsSampler(),
    });
    await study.optimize(bowl, { nTrials: 20 });
    await copy.optimize(bowl, { nTrials: 20 });
    expect(await contents(copy)).toEqual(await contents(study));
  });

  it('says which parameters it samples independently, on the trial and once in the log', async () => {
    const warn = vi.fn();
    setLogger({ info: () => {}, warn });
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        const kind = await trial.suggestCategorical('kind', ['a', 'b']);
        const x = await trial.suggestFloat('x', 0, 1);
        if (trial.number % 2 === 1) await trial.suggestInt('extra', 1, 5);
        return x + (kind === 'a' ? 1 : 0);
      },
      { nTrials: 9 },
    );
    const noted = (await study.getTrials()).map(
      ({ systemAttrs }) => systemAttrs['parzen:independent_params'],
    );
    expect(noted.slice(0, 4)).toEqual([undefined, ['kind', 'extra'], ['kind'], ['kind', 'extra']]);
    expect(warn.mock.calls.map(([message]) => message as string)).toEqual([
      expect.stringMatching(/^Trial 1: "kind" is sampled by itself, not by CMA-ES/),
      expect.stringMatching(/^Trial 1: "extra" is sampled by itself/),
    ]);
  });

  it('begins anew with the parameters that are left when not all trials have all', async () => {
    const study = await newStudy({ popsize: 3 });
    await study.optimize(
      async (trial) => {
        const x = await trial.suggestFloat('x', 0, 1);
        const z = trial.number < 10 ? await trial.suggestFloat('z', 0, 1) : 0;
        return x + z;
      },
      { nTrials: 25 },
    );
    const marks = (await study.getTrials()).map(
      ({ systemAttrs }) =>
        systemAttrs['parzen:cma_es'] as { generation: number; point: number[] } | undefined,
    );
    expect(marks[10]?.point).toHaveLength(2);
    expect(marks[11]).toMatchObject({ generation: 0 });
    expect(marks[11]?.point).toHaveLength(1);
    expect(marks[24]?.generation).toBeGreaterThan(2);
  });

  it('learns from enqueued trials by the values they had', async () => {
    const study = await newStudy({ popsize: 4, restartStrategy: 'none' });
    await study.optimize(bowl, { nTrials: 1 });
    for (let i = 0; i < 4; i++) await study.enqueueTrial({ x: 4, y: 4 + i / 10, n: 18 });
    await study.optimize(async (trial) => -(await bowl(trial)), { nTrials: 44 });
    const late = (await study.getTrials()).slice(-8);
    // It has followed them into the corner that is now the best one.
    for (const { params } of late)
      expect((params.x as number) + (params.y as number)).toBeGreaterThan(4);
  });

  it('starts at x0 with sigma0', async () => {
    const study = await newStudy({ x0: { x: 4, n: 3, kind: 'a' }, sigma0: 1e-6 });
    await study.optimize(bowl, { nTrials: 4 });
    for (const { params } of (await study.getTrials()).slice(1)) {
      expect(params.x).toBeCloseTo(4, 3);
      expect(params.y).toBeCloseTo(0, 3);
      expect(params.n).toBe(3);
    }
    const outside = await newStudy({ x0: { x: 6 } });
    await expect(outside.optimize(bowl, { nTrials: 3 })).rejects.toThrow(
      '`x0` must be in range, but its value 6 of "x" is not.',
    );
  });

  it('starts where the trials of another study were good', async () => {
    const source = await newStudy();
    await source.optimize(
      async (trial) => {
        await trial.suggestCategorical('kind', ['a', 'b']);
        return bowl(trial);
      },
      { nTrials: 200 },
    );
    const sourceTrials = await source.getTrials();
    const firstValues = async (options: CmaEsSamplerOptions) => {
      const study = await newStudy(options);
      await study.optimize(bowl, { nTrials: 21 });
      const values = (await study.getTrials()).slice(1).map((trial) => trial.values?.[0] as number);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(await firstValues({ sourceTrials })).toBeLessThan((await firstValues({})) / 2);
    const none = await newStudy({ sourceTrials: sourceTrials.slice(0, 0) });
    await expect(none.optimize(bowl, { nTrials: 3 })).rejects.toThrow(
      'must have trials with n, x, y in range',
    );

    // As plain values they mean the same.
    const plain = sourceTrials.map(({ params, values }) => ({
      params: { ...params },
      value: values?.[0] as number,
    }));
    expect(await firstValues({ source: plain })).toBe(await firstValues({ sourceTrials }));
    // Values of other kinds, or beyond the ranges, do not count.
    const [first] = plain as [(typeof plain)[number]];
    const wrong = ['low', 2.5, 1e9].map((n) => ({ ...first, params: { ...first.params, n } }));
    const unusable = await newStudy({ source: wrong });
    await expect(unusable.optimize(bowl, { nTrials: 3 })).rejects.toThrow(
      'must have trials with n, x, y in range',
    );
  });

  it('counts pruned trials when told to', async () => {
    const generationOf = async (considerPrunedTrials: boolean) => {
      const study = await newStudy({ popsize: 4, considerPrunedTrials });
      await study.optimize(
        async (trial) => {
          const value = await bowl(trial);
          await trial.report(trial.number === 7 ? NaN : value, 1);
          if (trial.number % 2 === 1) throw new TrialPruned();
          return value;
        },
        { nTrials: 21 },
      );
      const last = (await study.getTrials()).at(-1);
      return (last?.systemAttrs['parzen:cma_es'] as { generation: number }).generation;
    };
    expect(await generationOf(false)).toBe(2);
    // One pruned trial had nothing to tell.
    expect(await generationOf(true)).toBe(4);
  });

  it('keeps to constraints', async () => {
    const objective = async (trial: Trial) => {
      const x = await trial.suggestFloat('x', -5, 5);
      const y = await trial.suggestFloat('y', -5, 5);
      await trial.setConstraint('c', 2 - x);
      return x * x + y * y;
    };
    const study = await newStudy();
    await study.optimize(objective, { nTrials: 200 });
    const best = await study.bestTrial();
    expect(best.params.x).toBeGreaterThanOrEqual(2);
    expect(best.values?.[0]).toBeLessThan(4.1);

    const byFunction = await newStudy({ constraints: ({ params }) => [2 - (params.x as number)] });
    await byFunction.optimize(
      async (trial) =>
        (await trial.suggestFloat('x', -5, 5)) ** 2 + (await trial.suggestFloat('y', -5, 5)) ** 2,
      { nTrials: 200 },
    );
    expect((await byFunction.bestTrial()).params).toEqual(best.params);
  });

  it('forgets deleted trials', async () => {
    const storage = new InMemoryStorage();
    const study = await newStudy({ popsize: 4 }, { storage });
    await study.optimize(bowl, { nTrials: 12 });
    const [, second] = await study.getTrials();
    await storage.deleteTrial(second?.trialId as number);
    await study.optimize(bowl, { nTrials: 12 });
    const { studyName } = study;
    const trial = await storage.getTrial((await study.ask()).trialId);
    const fresh = await loadStudy({
      storage,
      studyName,
      sampler: new CmaEsSampler({ popsize: 4 }),
    });
    const answer = async (one: Study): Promise<Readonly<Record<string, ParamValue>>> =>
      one.sampler.sampleRelative(
        one,
        trial,
        await one.sampler.inferRelativeSearchSpace(one, trial),
      );
    expect(await answer(fresh)).toEqual(await answer(study));
  });

  it('uses the independent sampler it is given', async () => {
    const choices: CategoricalChoice[] = ['a', 'b', 'c'];
    const run = async (options: CmaEsSamplerOptions) => {
      const study = await newStudy({ ...options, warnIndependentSampling: false });
      await study.optimize(
        async (trial) => {
          const kind = await trial.suggestCategorical('kind', choices);
          return (await trial.suggestFloat('x', 0, 1)) + choices.indexOf(kind);
        },
        { nTrials: 80 },
      );
      const late = (await study.getTrials()).slice(40);
      return late.filter(({ params }) => params.kind === 'a').length;
    };
    const nOfTpe = await run({});
    const nOfRandom = await run({ independentSampler: new RandomSampler() });
    expect(nOfTpe).toBeGreaterThan(nOfRandom + 8);
  });

  it('refuses several objectives, and options that contradict each other', async () => {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      directions: ['minimize', 'minimize'],
      sampler: new CmaEsSampler(),
    });
    await expect(study.ask()).rejects.toThrow('CMA-ES needs a study with one direction');
    const sourceTrials = await study.getTrials();
    expect(() => new CmaEsSampler({ sourceTrials, sigma0: 1 })).toThrow(InvalidArgumentError);
    expect(() => new CmaEsSampler({ sourceTrials, useSeparableCma: true })).toThrow(
      'give one or the other',
    );
    expect(() => new CmaEsSampler({ popsize: 1 })).toThrow('at least 2');
  });

  it('has its own seed when it is given one', async () => {
    const run = async (options: CmaEsSamplerOptions, seed: number) => {
      const study = await newStudy(options, { seed });
      await study.optimize(bowl, { nTrials: 12 });
      return (await study.getTrials()).map(({ params }) => params);
    };
    expect(await run({ seed: 5 }, 1)).toEqual(await run({ seed: 5 }, 2));
    expect(await run({ seed: 5 }, 1)).not.toEqual(await run({ seed: 6 }, 1));
  });

  it('samples a parameter whose range differs from the one that was expected independently', async () => {
    const study = await newStudy();
    await study.optimize(bowl, { nTrials: 5 });
    const trial = await study.ask();
    const x = await trial.suggest('x', createFloatDistribution(100, 101));
    expect(x).toBeGreaterThanOrEqual(100);
    expect((await study.storage.getTrial(trial.trialId)).systemAttrs).toMatchObject({
      'parzen:independent_params': ['x'],
    });
  });
});

function ownerOf(trial: { systemAttrs: Readonly<Record<string, unknown>> }): string | null {
  return (trial.systemAttrs['parzen:owner'] as { id: string } | undefined)?.id ?? null;
}
