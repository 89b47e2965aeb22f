import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createFloatDistribution,
  type SearchSpace,
} from '../../../../src-main/tuner/distributions.ts';
import { InvalidArgumentError } from '../../../../src-main/tuner/errors.ts';
import { setLogger } from '../../../../src-main/tuner/logger.ts';
import { hypervolume } from '../../../../src-main/tuner/math/hypervolume.ts';
import { crossoverNames } from '../../../../src-main/tuner/samplers/nsga/crossovers.ts';
import { NsgaIISampler } from '../../../../src-main/tuner/samplers/nsga/nsga-ii-sampler.ts';
import { NsgaIIISampler } from '../../../../src-main/tuner/samplers/nsga/nsga-iii-sampler.ts';
import { RandomSampler } from '../../../../src-main/tuner/samplers/random.ts';
import type { Sampler } from '../../../../src-main/tuner/samplers/sampler.ts';
import { InMemoryStorage } from '../../../../src-main/tuner/storages/in-memory.ts';
import type { Storage } from '../../../../src-main/tuner/storages/storage.ts';
import {
  copyStudy,
  createStudy,
  loadStudy,
  type Study,
} from '../../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../../src-main/tuner/trial/trial.ts';
import { testSampler } from '../../../conformance/sampler.ts';

testSampler({ title: 'NsgaIISampler', create: () => new NsgaIISampler({ populationSize: 5 }) });
testSampler({ title: 'NsgaIIISampler', create: () => new NsgaIIISampler({ populationSize: 6 }) });
for (const crossover of crossoverNames.slice(1))
  testSampler({
    title: `NsgaIISampler, ${crossover}, polynomial mutation`,
    create: () =>
      new NsgaIISampler({ populationSize: 3, crossover, mutation: 'polynomial', crossoverProb: 1 }),
    numRuns: 10,
  });

afterEach(() => setLogger(null));

const kinds = [
  ['NsgaIISampler', NsgaIISampler, 'NSGAIISampler:generation'],
  ['NsgaIIISampler', NsgaIIISampler, 'NSGAIIISampler:generation'],
] as const;

function newStudy(sampler: Sampler, storage: Storage = new InMemoryStorage()): Promise<Study> {
  return createStudy({ storage, seed: 1, directions: ['minimize', 'maximize'], sampler });
}

/** The front is x1 = … = 0.4, from (0, 1) to (1, 0); the second value is negated. */
async function zdt1(trial: Trial): Promise<[number, number]> {
  const x: number[] = [];
  for (let i = 0; i < 6; i++) x.push(await trial.suggestFloat(`x${i}`, 0, 1));
  const g = 1 + (9 / 5) * x.slice(1).reduce((sum, xi) => sum + Math.abs(xi - 0.4), 0);
  return [x[0] as number, -g * (1 - Math.sqrt((x[0] as number) / g))];
}

async function volumeAfter(sampler: Sampler, nTrials: number): Promise<number> {
  const study = await newStudy(sampler);
  await study.optimize(zdt1, { nTrials });
  const points = (await study.getTrials()).flatMap(({ values }) => [
    values?.[0] as number,
    -(values?.[1] as number),
  ]);
  return hypervolume(Float64Array.from(points), [1.1, 6]);
}

async function contents(study: Study): Promise<unknown> {
  return (await study.getTrials()).map(({ params, values, systemAttrs }) => {
    const { 'parzen:owner': _owner, ...marks } = systemAttrs;
    return { params, values, marks };
  });
}

describe.each(kinds)('%s', (_name, Sampler, generationKey) => {
  it('finds far more of the front than random search, with every crossover', async () => {
    const random = await volumeAfter(new RandomSampler(), 250);
    for (const crossover of crossoverNames)
      expect(
        await volumeAfter(new Sampler({ populationSize: 20, crossover }), 250),
        crossover,
      ).toBeGreaterThan(random + 0.3);
  });

  it('tells generations and their parents on the trials', async () => {
    const study = await newStudy(new Sampler({ populationSize: 4 }));
    await study.optimize(zdt1, { nTrials: 10 });
    const trials = await study.getTrials();
    expect(trials.map(({ systemAttrs }) => systemAttrs[generationKey])).toEqual([
      0, 0, 0, 0, 1, 1, 1, 1, 2, 2,
    ]);
    const parents = trials.map(({ systemAttrs }) => systemAttrs['parzen:parents']);
    expect(parents[4]).toEqual([0, 1, 2, 3]);
    expect(parents[8]).toHaveLength(4);
    expect(parents.filter((one) => one !== undefined)).toHaveLength(2);
    // Children have most parameters of their parents.
    const inherited = trials[5]?.params as Record<string, number>;
    const nInherited = Object.entries(inherited).filter(([name, value]) =>
      trials.slice(0, 4).some(({ params }) => params[name] === value),
    );
    expect(nInherited.length).toBeGreaterThanOrEqual(4);
  });

  it('is not changed by a stop after every trial', async () => {
    const create = () => new Sampler({ populationSize: 6, crossover: 'spx' });
    const whole = await newStudy(create());
    await whole.optimize(zdt1, { nTrials: 60 });
    const storage = new InMemoryStorage();
    const { studyName } = await newStudy(create(), storage);
    for (let i = 0; i < 60; i++) {
      const study = await loadStudy({ storage, studyName, sampler: create() });
      await study.optimize(zdt1, { nTrials: 1 });
    }
    expect(await contents(await loadStudy({ storage, studyName }))).toEqual(await contents(whole));
  });

  it('derives parents anew where no trial tells them', async () => {
    const create = () => new Sampler({ populationSize: 5 });
    const whole = await newStudy(create());
    await whole.optimize(zdt1, { nTrials: 31 });
    // Optuna tells generations only.
    const bare = await newStudy(create());
    for (const trial of (await whole.getTrials()).slice(0, 30)) {
      const generation = trial.systemAttrs[generationKey] as number;
      await bare.addTrial({ ...trial, systemAttrs: { [generationKey]: generation } });
    }
    await bare.optimize(zdt1, { nTrials: 1 });
    const [expected] = (await whole.getTrials()).slice(30);
    const [actual] = (await bare.getTrials()).slice(30);
    expect(actual?.params).toEqual(expected?.params);
    expect(actual?.systemAttrs['parzen:parents']).toEqual(expected?.systemAttrs['parzen:parents']);
  });

  it('lets several processes agree on the parents, whatever order trials finish in', async () => {
    const storage = new InMemoryStorage();
    const create = () => new Sampler({ populationSize: 5 });
    const one = await newStudy(create(), storage);
    const { studyName } = one;
    const other = await loadStudy({ storage, studyName, sampler: create() });
    const running: { number: number; values: number[] }[] = [];
    for (let i = 0; i < 100; i++) {
      const trial = await (i % 3 === 0 ? one : other).ask();
      running.push({ number: trial.number, values: await zdt1(trial) });
      if (running.length < 4) continue;
      const [done] = running.splice((i * 7) % running.length, 1);
      if (done) await one.tell(done.number, done.values);
    }
    const third = await loadStudy({ storage, studyName, sampler: create() });
    const trial = await storage.getTrial((await one.ask()).trialId);
    const answers: unknown[] = [];
    for (const { sampler } of [one, other, third]) {
      const space = await sampler.inferRelativeSearchSpace(one, trial);
      answers.push(await sampler.sampleRelative(one, trial, space));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('goes on in a copy of the study', async () => {
    const study = await newStudy(new Sampler({ populationSize: 5 }));
    await study.optimize(zdt1, { nTrials: 8 });
    const { studyName, storage } = study;
    const [second] = (await study.getTrials()).slice(1);
    const to = new InMemoryStorage();
    // Ids in the copy are others.
    await to.createTrial(await to.createStudy(['minimize'], 'other'), {
      ...second,
      values: [1],
    } as never);
    await copyStudy({ from: storage, studyName, to });
    const copy = await loadStudy({
      storage: to,
      studyName,
      sampler: new Sampler({ populationSize: 5 }),
    });
    await study.optimize(zdt1, { nTrials: 12 });
    await copy.optimize(zdt1, { nTrials: 12 });
    expect(await contents(copy)).toEqual(await contents(study));
  });

  it('keeps to constraints, set within or by a function', async () => {
    const run = async (sampler: Sampler, isWithin: boolean) => {
      const study = await newStudy(sampler);
      await study.optimize(
        async (trial) => {
          const values = await zdt1(trial);
          if (isWithin) await trial.setConstraint('c', 0.5 - values[0]);
          return values;
        },
        { nTrials: 200 },
      );
      const late = (await study.getTrials()).slice(120);
      return late.filter(({ values }) => (values?.[0] as number) >= 0.5).length;
    };
    const options = { populationSize: 20 };
    const nFree = await run(new Sampler(options), false);
    const nWithin = await run(new Sampler(options), true);
    const constraints = ({ params }: { params: Readonly<Record<string, unknown>> }) => [
      0.5 - (params.x0 as number),
    ];
    expect(nWithin).toBeGreaterThan(nFree + 15);
    expect(await run(new Sampler({ ...options, constraints }), false)).toBe(nWithin);
  });

  it('says which parameters it samples independently, once there are parents', async () => {
    const warn = vi.fn();
    setLogger({ info: () => {}, warn });
    const study = await newStudy(new Sampler({ populationSize: 3, mutationProb: 1 }));
    await study.optimize(
      async (trial) => {
        const x = await trial.suggestFloat('x', 0, 1);
        if (trial.number % 2 === 1) await trial.suggestInt('extra', 1, 5);
        return [x, x];
      },
      { nTrials: 8 },
    );
    const noted = (await study.getTrials()).map(
      ({ systemAttrs }) => systemAttrs['parzen:independent_params'],
    );
    expect(noted).toEqual([
      ...[0, 1, 2, 3, 4].map((i) => (i === 3 ? ['extra'] : undefined)),
      ['extra'],
      undefined,
      ['extra'],
    ]);
    expect(warn.mock.calls).toHaveLength(1);
  });

  it('crosses and mutates as it is told', async () => {
    const run = async (options: object) => {
      const study = await newStudy(new Sampler({ populationSize: 4, ...options }));
      await study.optimize(
        async (trial) => {
          const [a] = await zdt1(trial);
          const c = await trial.suggestCategorical('c', ['a', 'b', 'c']);
          return [a, c === 'a' ? 1 : 0];
        },
        { nTrials: 8 },
      );
      return (await study.getTrials()).map(({ params }) => params);
    };
    const copies = await run({ crossoverProb: 0, mutationProb: 0 });
    for (const child of copies.slice(4)) expect(copies.slice(0, 4)).toContainEqual(child);

    const mixed = await run({ crossoverProb: 1, mutationProb: 0 });
    for (const child of mixed.slice(4))
      for (const [name, value] of Object.entries(child))
        expect(mixed.slice(0, 4).map((params) => params[name])).toContain(value);

    const near = await run({
      crossoverProb: 0,
      mutationProb: 1,
      mutation: 'polynomial',
      mutationEta: 1e5,
    });
    for (const { x0 } of near.slice(4)) {
      const distances = near
        .slice(0, 4)
        .map((params) => Math.abs((params.x0 as number) - (x0 as number)));
      expect(Math.min(...distances)).toBeGreaterThan(0);
      expect(Math.min(...distances)).toBeLessThan(1e-3);
    }
  });

  it('needs enough parents for the crossover', () => {
    expect(() => new Sampler({ populationSize: 2, crossover: 'undx' })).toThrow(
      '`populationSize` must be at least 3 for the crossover undx, but got 2.',
    );
    expect(() => new Sampler({ populationSize: 1 })).toThrow(InvalidArgumentError);
  });

  it('works with one objective', async () => {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      seed: 1,
      sampler: new Sampler({ populationSize: 10, crossover: 'sbx' }),
    });
    const space: SearchSpace = {
      x: createFloatDistribution(-5, 5),
      y: createFloatDistribution(-5, 5),
    };
    await study.optimize(
      async (trial) => {
        const [x, y] = [await trial.suggest('x', space.x!), await trial.suggest('y', space.y!)];
        return (x as number) ** 2 + (y as number) ** 2;
      },
      { nTrials: 200 },
    );
    expect(await study.bestValue()).toBeLessThan(0.1);
  });
});

describe('NsgaIIISampler', () => {
  it('prefers the directions it is given', async () => {
    const nNear = async (referencePoints?: number[][]) => {
      const study = await newStudy(new NsgaIIISampler({ populationSize: 20, referencePoints }));
      await study.optimize(zdt1, { nTrials: 400 });
      const late = (await study.getTrials()).slice(200);
      return late.filter(({ values }) => (values?.[0] as number) < 0.1).length;
    };
    const shallow = Array.from({ length: 10 }, (_, i) => [i / 40, 1]);
    const steep = shallow.map(([x = 0, y = 0]) => [y, x]);
    expect(await nNear(shallow)).toBeGreaterThan((await nNear(steep)) + 20);
  });

  it('refuses reference points that do not fit', async () => {
    for (const referencePoints of [[], [[]], [[1, 2], [1]], [[0, 0]], [[-1, 2]], [[NaN, 1]]])
      expect(() => new NsgaIIISampler({ referencePoints })).toThrow(
        '`referencePoints` must be lists of the same length',
      );
    const study = await newStudy(new NsgaIIISampler({ referencePoints: [[1, 2, 3]] }));
    await expect(study.optimize(zdt1, { nTrials: 1 })).rejects.toThrow(
      '`referencePoints` must have one number per objective (2), but have 3.',
    );
  });
});
