import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsInternal,
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  firstValue,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../src-main/tuner/distributions.ts';
import { TrialPruned } from '../../src-main/tuner/errors.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { MedianPruner } from '../../src-main/tuner/pruners/percentile.ts';
import type { Sampler } from '../../src-main/tuner/samplers/sampler.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { createStudy, loadStudy, type Study } from '../../src-main/tuner/study/study.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import type { Trial } from '../../src-main/tuner/trial/trial.ts';

export interface SamplerUnderTest {
  /** For the titles of the tests. */
  readonly title: string;
  /** @param space What the objective is going to suggest, for samplers that have to know. */
  create(space: SearchSpace): Sampler;
  /** Random runs per property; fewer for slow samplers. @default 25 */
  readonly numRuns?: number;
  /** @default true */
  readonly supportsSeveralObjectives?: boolean;
  /** Whether parameters may be asked for that `create` was not told of, or with other ranges. @default true */
  readonly supportsSurprises?: boolean;
  /** Whether it can only take parameters with finitely many values; continuous ones then get a step. @default false */
  readonly needsFiniteSpaces?: boolean;
  /** Whether the study's seed makes a difference. @default true */
  readonly isSeeded?: boolean;
}

const N_TRIALS = 24;

/** What every sampler must do, whatever the space and the objective's values. */
export function testSampler(sampler: SamplerUnderTest): void {
  const {
    title,
    create,
    numRuns = 25,
    supportsSeveralObjectives = true,
    supportsSurprises = true,
    needsFiniteSpaces = false,
    isSeeded = true,
  } = sampler;
  const adapt = (space: SearchSpace): SearchSpace =>
    needsFiniteSpaces
      ? Object.fromEntries(Object.entries(space).map(([name, one]) => [name, withSteps(one)]))
      : space;
  const plainSpace = adapt(allKinds);

  describe(`${title}, as every sampler`, () => {
    it('gives values that lie in their distribution, whatever the space', async () => {
      await fc.assert(
        fc.asyncProperty(searchSpaces, fc.nat(), async (given, seed) => {
          const space = adapt(given);
          const study = await newStudy(create(space), { seed });
          await study.optimize(suggestAll(space, noisyValue), { nTrials: N_TRIALS, catch: true });
          const trials = await study.getTrials();
          expect(trials.length).toBeGreaterThan(0);
          for (const trial of trials) expectInRange(trial, space);
        }),
        { numRuns },
      );
    });

    it('bears failures, infinities, NaN, pruned and enqueued trials', async () => {
      const study = await newStudy(create(plainSpace), {
        pruner: new MedianPruner({ nStartupTrials: 1 }),
      });
      await study.enqueueTrial(firstValues(plainSpace));
      const values = [1, NaN, Infinity, -Infinity, 2, 2, 1e308, -0];
      await study.optimize(
        suggestAll(plainSpace, async (trial) => {
          if (trial.number % 7 === 3) throw new Error('on purpose');
          await trial.report(trial.number % 5 === 2 ? NaN : trial.number, 1);
          if (trial.number % 6 === 5) throw new TrialPruned();
          return values[trial.number % values.length] as number;
        }),
        { nTrials: 2 * N_TRIALS, catch: true },
      );
      const trials = await study.getTrials();
      for (const trial of trials) expectInRange(trial, plainSpace);
      expect(new Set(trials.map(({ state }) => state))).toContain('complete');
    });

    it.each([1, 10, 50])('takes %i parameters', async (nParams) => {
      const space = Object.fromEntries(
        Array.from({ length: nParams }, (_, i) => [
          `p${i}`,
          Object.values(plainSpace)[i % 4] as Distribution,
        ]),
      );
      const study = await newStudy(create(space));
      await study.optimize(suggestAll(space, noisyValue), { nTrials: N_TRIALS });
      for (const trial of await study.getTrials()) expectInRange(trial, space);
    });

    it('takes parameters that are called as what objects inherit', async () => {
      const [n, m, k] = ['__proto__', 'constructor', 'toString'] as const;
      const int = createIntDistribution(0, 4);
      const space = { [n]: int, [m]: int, [k]: int };
      const study = await newStudy(create(space));
      await study.optimize(suggestAll(space, noisyValue), { nTrials: N_TRIALS });
      for (const trial of await study.getTrials()) {
        expect(Object.keys(trial.params)).toEqual([n, m, k]);
        expectInRange(trial, space);
      }
    });

    it('gives the same trials for the same seed, and others for another', async () => {
      const run = async (seed: number) => {
        const study = await newStudy(create(plainSpace), { seed });
        await study.optimize(suggestAll(plainSpace, noisyValue), { nTrials: N_TRIALS });
        return paramsOf(study);
      };
      const first = await run(1);
      expect(await run(1)).toEqual(first);
      if (isSeeded) expect(await run(2)).not.toEqual(first);
    });

    it('gives the same trials when the study is loaded anew for every one of them', async () => {
      const whole = await newStudy(create(plainSpace), { seed: 5 });
      await whole.optimize(suggestAll(plainSpace, noisyValue), { nTrials: N_TRIALS });
      const storage = new InMemoryStorage();
      const { studyName } = await newStudy(create(plainSpace), { seed: 5, storage });
      const expected = await paramsOf(whole);
      while ((await storage.countTrials(await storage.getStudyId(studyName))) < expected.length) {
        const study = await loadStudy({ storage, studyName, sampler: create(plainSpace) });
        await study.optimize(suggestAll(plainSpace, noisyValue), { nTrials: 1 });
      }
      expect(await paramsOf(await loadStudy({ storage, studyName }))).toEqual(expected);
    });

    it('answers the same when it is asked again', async () => {
      const study = await newStudy(create(plainSpace));
      await study.optimize(suggestAll(plainSpace, noisyValue), { nTrials: 12 });
      const asked = await study.ask();
      const trial = await study.storage.getTrial(asked.trialId);
      const answer = async (one: Sampler) => {
        const space = await one.inferRelativeSearchSpace(study, trial);
        const params = { ...(await one.sampleRelative(study, trial, space)) };
        for (const [name, distribution] of Object.entries(plainSpace))
          params[name] ??= await one.sampleIndependent(study, trial, name, distribution);
        return params;
      };
      const first = await answer(study.sampler);
      expect(await answer(study.sampler)).toEqual(first);
      expect(await answer(create(plainSpace))).toEqual(first);
    });

    it('works for several trials at once', async () => {
      const study = await newStudy(create(plainSpace));
      await study.optimize(
        suggestAll(plainSpace, async (trial, params) => {
          await new Promise((resolve) => setTimeout(resolve, trial.number % 3));
          return noisyValue(trial, params);
        }),
        { nTrials: N_TRIALS, nJobs: 4 },
      );
      const trials = await study.getTrials();
      expect(trials.length).toBeLessThanOrEqual(N_TRIALS);
      for (const trial of trials) expectInRange(trial, plainSpace);
    });

    if (supportsSurprises)
      it('takes conditional parameters', async () => {
        const study = await newStudy(create({}));
        await study.optimize(
          async (trial) => {
            const n = await trial.suggestInt('n', 1, 3);
            let sum = 0;
            for (let i = 0; i < n; i++)
              sum += await trial.suggestFloat(`x${i}`, 0, 1, { step: 0.01 });
            const kind = await trial.suggestCategorical('kind', ['a', 'b']);
            return sum + (kind === 'a' ? await trial.suggestInt('a', 1, 20, { log: true }) : 0);
          },
          { nTrials: 2 * N_TRIALS },
        );
        for (const trial of await study.getTrials(['complete'])) {
          expectInRange(trial, trial.distributions);
          const nNamed = Object.keys(trial.params).filter((name) => name.startsWith('x')).length;
          expect(nNamed).toBe(trial.params.n);
          expect('a' in trial.params).toBe(trial.params.kind === 'a');
        }
      });

    if (supportsSurprises)
      it('takes ranges that change from trial to trial', async () => {
        const study = await newStudy(create({}));
        await study.optimize(
          async (trial) => {
            const width = 1 + (trial.number % 4);
            const x = await trial.suggestFloat('x', -width, width, { step: 0.25 });
            const n = await trial.suggestInt('n', trial.number, 2 * trial.number + 1);
            return x * x + n;
          },
          { nTrials: 2 * N_TRIALS },
        );
        for (const trial of await study.getTrials()) expectInRange(trial, trial.distributions);
      });

    if (supportsSeveralObjectives)
      it('takes several objectives, and constraints', async () => {
        const study = await newStudy(create(plainSpace), { directions: ['minimize', 'maximize'] });
        await study.optimize(
          suggestAll(plainSpace, async (trial, params) => {
            await trial.setConstraint('c', (params.n as number) - 6);
            return [params.x as number, params.n as number];
          }),
          { nTrials: 2 * N_TRIALS },
        );
        for (const trial of await study.getTrials()) expectInRange(trial, plainSpace);
      });
  });
}

/** Parameters of every kind, each with several values. */
const allKinds: SearchSpace = {
  x: createFloatDistribution(-5, 10),
  lr: createFloatDistribution(1e-5, 0.1, { log: true }),
  n: createIntDistribution(1, 8),
  c: createCategoricalDistribution([null, true, 1, 'one']),
  s: createFloatDistribution(0, 1, { step: 0.1 }),
  m: createIntDistribution(1, 1000, { log: true }),
  k: createIntDistribution(16, 128, { step: 16 }),
};

const width = fc.constantFrom(0, 5e-324, 1e-300, 1e-12, 0.3, 1, 1000, 1e9, 1e300);
const origin = fc.constantFrom(-1e300, -1e9, -1, -1e-300, 0, 1e-9, 0.1, 7, 1e16);

const distributions: fc.Arbitrary<Distribution> = fc.oneof(
  fc.tuple(origin, width).map(([low, w]) => createFloatDistribution(low, low + w)),
  fc.constant(createFloatDistribution(-Number.MAX_VALUE, Number.MAX_VALUE)),
  fc
    .tuple(
      fc.constantFrom(5e-324, 1e-300, 1e-5, 1, 1e200),
      fc.constantFrom(1, 1 + 1e-15, 10, 1e100),
    )
    .map(([low, ratio]) => createFloatDistribution(low, low * ratio, { log: true })),
  fc
    .tuple(
      fc.integer({ min: -100, max: 100 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom(1e-3, 0.1, 0.25, 3, 1e6),
    )
    .map(([start, n, step]) => createFloatDistribution(start * step, (start + n) * step, { step })),
  fc
    .tuple(fc.integer({ min: -100, max: 100 }), fc.nat(300), fc.integer({ min: 1, max: 7 }))
    .map(([low, w, step]) => createIntDistribution(low, low + w, { step })),
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.nat(1e6))
    .map(([low, w]) => createIntDistribution(low, low + w, { log: true })),
  fc.constantFrom(
    createIntDistribution(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    createIntDistribution(1, Number.MAX_SAFE_INTEGER, { log: true }),
    createIntDistribution(0, Number.MAX_SAFE_INTEGER - 1, { step: 2 }),
  ),
  fc
    .uniqueArray(
      fc.oneof(
        fc.constantFrom(null, true, false, NaN, Infinity, -0, 1, '1', '', 'NaN'),
        fc.string({ maxLength: 3 }),
      ),
      { minLength: 1, maxLength: 12, comparator: (a, b) => Object.is(a, b) || a === b },
    )
    .map(createCategoricalDistribution),
);

const searchSpaces: fc.Arbitrary<SearchSpace> = fc
  .array(distributions, { minLength: 1, maxLength: 5 })
  .map((list) => Object.fromEntries(list.map((one, i) => [`p${i}`, one])));

type Values = (
  trial: Trial,
  params: Readonly<Record<string, ParamValue>>,
) => Promise<number | number[]> | number | number[];

function suggestAll(
  space: SearchSpace,
  values: Values,
): (trial: Trial) => Promise<number | number[]> {
  return async (trial) => {
    const params: Record<string, ParamValue> = {};
    for (const [name, distribution] of Object.entries(space))
      params[name] = await trial.suggest(name, distribution);
    return values(trial, params);
  };
}

/** Depends on the parameters, so that samplers have something to learn, and is NaN now and then. */
function noisyValue({ number }: Trial, params: Readonly<Record<string, ParamValue>>): number {
  let sum = 0;
  for (const value of Object.values(params))
    sum += typeof value === 'number' ? Math.tanh(value) : 0.5;
  return createRng(number).uniform() < 0.05 ? NaN : sum;
}

function newStudy(
  sampler: Sampler,
  options: {
    seed?: number;
    storage?: InMemoryStorage;
    directions?: readonly StudyDirection[];
    pruner?: MedianPruner;
  } = {},
): Promise<Study> {
  return createStudy({ storage: new InMemoryStorage(), seed: 3, ...options, sampler });
}

async function paramsOf(study: Study): Promise<FrozenTrial['params'][]> {
  return (await study.getTrials()).map(({ params }) => params);
}

/** The distribution, or one with a grid in its place where it is continuous. */
function withSteps(distribution: Distribution): Distribution {
  if (distribution.type === 'categorical' || distribution.step !== null) return distribution;
  return distribution.log
    ? createIntDistribution(1, 50, { log: true })
    : createIntDistribution(-3, 30);
}

function firstValues(space: SearchSpace): Record<string, ParamValue> {
  return Object.fromEntries(
    Object.entries(space).map(([name, distribution]) => [name, firstValue(distribution)]),
  );
}

function expectInRange(trial: FrozenTrial, space: SearchSpace): void {
  for (const [name, distribution] of Object.entries(space))
    if (!containsInternal(distribution, trial.internalParams[name] ?? NaN))
      expect.fail(
        `Trial ${trial.number}: ${name} = ${trial.internalParams[name]} is outside ${JSON.stringify(distribution)}.`,
      );
}
