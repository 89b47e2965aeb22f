import { describe, expect, it } from 'vitest';
import { testSampler } from '../../conformance/sampler.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';
import { AutoSampler } from '../../../src-main/tuner/samplers/auto.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import {
  createStudy,
  type CreateStudyOptions,
  type Study,
} from '../../../src-main/tuner/study/study.ts';
import { isFeasible } from '../../../src-main/tuner/system-attrs.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

testSampler({ title: 'AutoSampler', create: () => new AutoSampler(), numRuns: 6 });
testSampler({
  title: 'AutoSampler, of many trials planned',
  create: () => new AutoSampler({ nTrials: 10_000 }),
  numRuns: 6,
});

function newStudy(options: Partial<CreateStudyOptions> = {}): Promise<Study> {
  return createStudy({
    storage: new InMemoryStorage(),
    seed: 1,
    sampler: new AutoSampler(),
    ...options,
  });
}

async function choicesOf(study: Study): Promise<string[]> {
  return (await study.getTrials()).map(({ systemAttrs }) => {
    const choice = systemAttrs['parzen:auto'] as { sampler: string; reason: string };
    expect(choice.reason).toMatch(/^[A-Z].*\.$/);
    return choice.sampler;
  });
}

async function lastChoice(study: Study): Promise<string | undefined> {
  return (await choicesOf(study)).at(-1);
}

const line = async (trial: Trial) => trial.suggestFloat('x', 0, 1);

async function plane(trial: Trial): Promise<number> {
  const x = await trial.suggestFloat('x', -1, 1);
  const y = await trial.suggestInt('y', -10, 10);
  return x * x + y * y;
}

describe('AutoSampler', () => {
  it('begins at random, goes on with a Gaussian process, and says so', async () => {
    const study = await newStudy();
    await study.optimize(plane, { nTrials: 14 });
    expect(await choicesOf(study)).toEqual([
      ...new Array<string>(10).fill('random'),
      ...new Array<string>(4).fill('gp'),
    ]);
  });

  it('turns to TPE when trials are many', async () => {
    const study = await newStudy();
    for (let i = 0; i < 199; i++)
      await study.addTrial({
        state: 'complete',
        values: [i],
        startedAtMs: 0,
        completedAtMs: 1,
        params: { x: i / 200 },
        distributions: { x: { type: 'float', low: 0, high: 1, log: false, step: null } },
        intermediateValues: new Map(),
        userAttrs: {},
        systemAttrs: {},
      });
    await study.optimize(line, { nTrials: 2 });
    const trials = (await study.getTrials()).slice(199);
    expect(
      trials.map(({ systemAttrs }) => (systemAttrs['parzen:auto'] as { sampler: string }).sampler),
    ).toEqual(['gp', 'tpe']);
  });

  it('uses CMA-ES where many trials are planned and all parameters are numeric', async () => {
    const numeric = await newStudy({ sampler: new AutoSampler({ nTrials: 1000 }) });
    await numeric.optimize(plane, { nTrials: 11 });
    expect(await lastChoice(numeric)).toBe('cma-es');
    const mixed = await newStudy({ sampler: new AutoSampler({ nTrials: 1000 }) });
    await mixed.optimize(
      async (trial) => {
        const sign = await trial.suggestCategorical('sign', [1, -1]);
        return (sign as number) * (await plane(trial));
      },
      { nTrials: 11 },
    );
    expect(await lastChoice(mixed)).toBe('gp');
  });

  it('leaves conditional parameters to TPE, and everything where nothing is shared', async () => {
    const partly = await newStudy();
    await partly.optimize(
      async (trial) => {
        const n = await trial.suggestInt('n', 1, 2);
        return n === 1 ? trial.suggestFloat('a', 0, 1) : trial.suggestFloat('b', -1, 1);
      },
      { nTrials: 12 },
    );
    expect(await lastChoice(partly)).toBe('gp');
    const last = (await partly.getTrials()).at(-1);
    expect(JSON.stringify(last?.systemAttrs['parzen:auto'])).toContain('left to TPE');

    const nothing = await newStudy();
    await nothing.optimize(async (trial) => trial.suggestFloat(`x${trial.number % 2}`, 0, 1), {
      nTrials: 12,
    });
    expect(await lastChoice(nothing)).toBe('tpe');
  });

  it('uses TPE for many parameters, choices, objectives, pruned trials or workers', async () => {
    const many = await newStudy();
    await many.optimize(
      async (trial) => {
        let sum = 0;
        for (let i = 0; i < 21; i++) sum += await trial.suggestFloat(`x${i}`, 0, 1);
        return sum;
      },
      { nTrials: 11 },
    );
    expect(await lastChoice(many)).toBe('tpe');

    const choices = await newStudy();
    const letters = Array.from({ length: 30 }, (_, i) => `choice ${i}`);
    await choices.optimize(
      async (trial) => letters.indexOf(String(await trial.suggestCategorical('c', letters))),
      { nTrials: 11 },
    );
    expect(await lastChoice(choices)).toBe('tpe');

    const objectives = await newStudy({ directions: new Array(4).fill('minimize') });
    await objectives.optimize(async (trial) => [await line(trial), 1, 2, 3], { nTrials: 11 });
    expect(await lastChoice(objectives)).toBe('tpe');

    const pruned = await newStudy();
    await pruned.optimize(
      async (trial) => {
        const x = await line(trial);
        if (trial.number % 4 > 0) {
          await trial.report(x, 1);
          throw new TrialPruned();
        }
        return x;
      },
      { nTrials: 13 },
    );
    expect(await lastChoice(pruned)).toBe('tpe');

    const parallel = await newStudy();
    await parallel.optimize(line, { nTrials: 10 });
    for (let i = 0; i < 11; i++) await (await parallel.ask()).suggestFloat('x', 0, 1);
    expect((await choicesOf(parallel)).slice(10)).toEqual([
      ...new Array<string>(10).fill('gp'),
      'tpe',
    ]);
  });

  it('uses a Gaussian process for two objectives', async () => {
    const study = await newStudy({ directions: ['minimize', 'maximize'] });
    await study.optimize(async (trial) => [await line(trial), await plane(trial)], { nTrials: 11 });
    expect(await lastChoice(study)).toBe('gp');
  });

  it('stores the constraints of a function', async () => {
    const study = await newStudy({
      sampler: new AutoSampler({ constraints: ({ params }) => [(params.x as number) - 0.5] }),
    });
    await study.optimize(line, { nTrials: 12 });
    for (const trial of await study.getTrials())
      expect(isFeasible(trial)).toBe((trial.params.x as number) <= 0.5);
  });

  it('checks its options', () => {
    expect(() => new AutoSampler({ nTrials: 0 })).toThrow(
      'AutoSampler: `nTrials` must be a whole number of at least 1, but got 0.',
    );
  });
});
