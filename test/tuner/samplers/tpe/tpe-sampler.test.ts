import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  type SearchSpace,
} from '../../../../src-main/tuner/distributions.ts';
import { setLogger } from '../../../../src-main/tuner/logger.ts';
import { RandomSampler } from '../../../../src-main/tuner/samplers/random.ts';
import type { Sampler } from '../../../../src-main/tuner/samplers/sampler.ts';
import {
  TpeSampler,
  defaultWeights,
  type TpeSamplerOptions,
} from '../../../../src-main/tuner/samplers/tpe/tpe-sampler.ts';
import { TpeState } from '../../../../src-main/tuner/samplers/tpe/tpe-state.ts';
import { InMemoryStorage } from '../../../../src-main/tuner/storages/in-memory.ts';
import { StudyHistory } from '../../../../src-main/tuner/study/study-history.ts';
import { createStudy, type Study } from '../../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../../src-main/tuner/trial/trial.ts';
import { frozenTrial } from '../../../helpers/frozen-trial.ts';

function newStudy(sampler: Sampler, options: { seed?: number; nObjectives?: number } = {}) {
  const { seed = 0, nObjectives = 1 } = options;
  return createStudy({
    storage: new InMemoryStorage(),
    sampler,
    seed,
    directions: new Array<'minimize'>(nObjectives).fill('minimize'),
  });
}

async function sphere(trial: Trial): Promise<number> {
  let sum = 0;
  for (const name of ['x', 'y']) sum += (await trial.suggestFloat(name, -5, 10)) ** 2;
  return sum;
}

async function paramsOf(study: Study) {
  return (await study.getTrials()).map(({ params }) => params);
}

async function relativeNames(study: Study): Promise<string[]> {
  const trial = await study.ask();
  const frozen = await study.storage.getTrial(trial.trialId);
  return Object.keys(await study.sampler.inferRelativeSearchSpace(study, frozen)).sort();
}

describe('TpeSampler', () => {
  it('starts as random search does', async () => {
    const tpe = await newStudy(new TpeSampler({ nStartupTrials: 6 }));
    const random = await newStudy(new RandomSampler());
    await tpe.optimize(sphere, { nTrials: 7 });
    await random.optimize(sphere, { nTrials: 7 });
    const [ours, theirs] = [await paramsOf(tpe), await paramsOf(random)];
    expect(ours.slice(0, 6)).toEqual(theirs.slice(0, 6));
    expect(ours[6]).not.toEqual(theirs[6]);
  });

  it('does not count failed trials as a start', async () => {
    const sampler = new TpeSampler({ nStartupTrials: 3 });
    const study = await newStudy(sampler);
    await study.optimize(
      async (trial) => {
        await sphere(trial);
        throw new Error('on purpose');
      },
      { nTrials: 10, catch: true },
    );
    const random = await newStudy(new RandomSampler());
    await random.optimize(sphere, { nTrials: 10 });
    expect(await paramsOf(study)).toEqual(await paramsOf(random));
  });

  it.each<TpeSamplerOptions>([{}, { multivariate: false }, { group: true }])(
    'finds better values than random search, with %o',
    async (options) => {
      const medianOfBest = async (create: () => Sampler) => {
        const best: number[] = [];
        for (let seed = 0; seed < 9; seed++) {
          const study = await newStudy(create(), { seed });
          await study.optimize(sphere, { nTrials: 60 });
          best.push(await study.bestValue());
        }
        return best.sort((a, b) => a - b)[4] as number;
      };
      const tpe = await medianOfBest(() => new TpeSampler(options));
      expect(tpe).toBeLessThan((await medianOfBest(() => new RandomSampler())) / 3);
    },
  );

  it('samples jointly with one objective, and alone with several', async () => {
    const single = await newStudy(new TpeSampler());
    await single.optimize(sphere, { nTrials: 2 });
    expect(await relativeNames(single)).toEqual(['x', 'y']);
    const several = await newStudy(new TpeSampler(), { nObjectives: 2 });
    const objective = async (trial: Trial) => [await sphere(trial), trial.number];
    await several.optimize(objective, { nTrials: 2 });
    expect(await relativeNames(several)).toEqual([]);
    const grouped = await newStudy(new TpeSampler({ group: true }), { nObjectives: 2 });
    await grouped.optimize(objective, { nTrials: 2 });
    expect(await relativeNames(grouped)).toEqual(['x', 'y']);
  });

  it('samples conditional parameters jointly only in groups', async () => {
    const conditional = async (trial: Trial) => {
      const isLong = await trial.suggestCategorical('isLong', [true, false]);
      const a = await trial.suggestFloat('a', 0, 1);
      await trial.suggestFloat('fixed', 3, 3);
      return a + (isLong ? await trial.suggestFloat('b', 0, 1) : 0);
    };
    const plain = await newStudy(new TpeSampler());
    await plain.optimize(conditional, { nTrials: 12 });
    expect(await relativeNames(plain)).toEqual(['a', 'isLong']);
    const grouped = await newStudy(new TpeSampler({ group: true }));
    await grouped.optimize(conditional, { nTrials: 12 });
    expect(await relativeNames(grouped)).toEqual(['a', 'b', 'isLong']);
  });

  it('keeps parallel trials apart', async () => {
    const spread = async (constantLiar: boolean, seed: number) => {
      const study = await newStudy(new TpeSampler({ constantLiar }), { seed });
      await study.optimize(sphere, { nTrials: 60 });
      const xs: number[] = [];
      for (let i = 0; i < 10; i++) xs.push(await (await study.ask()).suggestFloat('x', -5, 10));
      const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
      return Math.sqrt(xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length);
    };
    let ratio = 1;
    for (let seed = 0; seed < 8; seed++)
      ratio *= ((await spread(true, seed)) / (await spread(false, seed))) ** (1 / 8);
    expect(ratio).toBeGreaterThan(1.1);
  });

  it('says which parameters it sampled alone, and warns of them if it is to', async () => {
    const warnings: string[] = [];
    setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
    const study = await newStudy(
      new TpeSampler({ nStartupTrials: 1, warnIndependentSampling: true }),
    );
    try {
      await study.optimize(async (trial) => trial.suggestFloat('x', 0, 1 + trial.number), {
        nTrials: 4,
      });
    } finally {
      setLogger(null);
    }
    // Trial 1 takes the range of trial 0, which was the same in all trials until then.
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^Trial 2: "x" is sampled by itself, not by multivariate TPE.*`group: true`/,
    );
    expect(
      (await study.getTrials()).map(
        ({ systemAttrs }) => systemAttrs['parzen:independent_params'] ?? [],
      ),
    ).toEqual([[], [], ['x'], ['x']]);
  });

  it('stores constraints, and prefers feasible trials', async () => {
    const study = await newStudy(
      new TpeSampler({ constraints: ({ params }) => [7 - (params.x as number)] }),
    );
    await study.optimize(sphere, { nTrials: 80 });
    const trials = await study.getTrials();
    for (const { params, systemAttrs } of trials)
      expect(systemAttrs.constraints).toEqual([7 - (params.x as number)]);
    const late = trials.slice(40).filter(({ params }) => (params.x as number) >= 7);
    // A fifth of the range is feasible.
    expect(late.length).toBeGreaterThan(20);
    const nan = await newStudy(new TpeSampler({ constraints: () => [NaN] }));
    await expect(nan.optimize(sphere, { nTrials: 1 })).rejects.toThrow(/must not be NaN/);
  });

  it('approaches a front with two objectives', async () => {
    const study = await newStudy(new TpeSampler(), { nObjectives: 2 });
    await study.optimize(
      async (trial) => {
        const x = await trial.suggestFloat('x', -10, 10);
        const y = await trial.suggestFloat('y', -10, 10);
        return [x ** 2 + y ** 2, (x - 2) ** 2 + y ** 2];
      },
      { nTrials: 120 },
    );
    const late = (await study.getTrials()).slice(60);
    const near = late.filter(
      ({ params: { x, y } }) => Math.abs((x as number) - 1) < 2 && Math.abs(y as number) < 1.5,
    );
    expect(near.length).toBeGreaterThan(late.length / 2);
  });

  it('checks its options', () => {
    expect(() => new TpeSampler({ group: true, multivariate: false })).toThrow(
      /`group` needs `multivariate`/,
    );
    expect(() => new TpeSampler({ nEiCandidates: 0 })).toThrow(
      'TpeSampler: `nEiCandidates` must be a whole number of at least 1, but got 0.',
    );
    expect(() => new TpeSampler({ multivariate: 'yes' as never })).toThrow(
      /must be true, false or 'auto', but got "yes"/,
    );
    expect(() => new TpeSampler({ gamma: 3 as never })).toThrow(/`gamma` must be a function/);
    expect(() => new TpeSampler({ categoricalDistances: { c: 1 as never } })).toThrow(
      /must be an object of parameter names and functions/,
    );
  });

  it('refuses nonsense from gamma', async () => {
    const study = await newStudy(new TpeSampler({ nStartupTrials: 1, gamma: () => 0.5 }));
    await expect(study.optimize(sphere, { nTrials: 3 })).rejects.toThrow(
      /`gamma\(1\)` must be a whole number of at least 0, but is 0.5/,
    );
  });
});

describe('TpeState', () => {
  const space: SearchSpace = {
    c: createCategoricalDistribution(['a', 'b']),
    x: createFloatDistribution(0, 1),
  };
  const options = {
    priorWeight: 1,
    considerMagicClip: true,
    considerEndpoints: false,
    weights: defaultWeights,
    categoricalDistances: {},
  };
  const done = [0, 1, 2].map((number) =>
    frozenTrial({
      number,
      values: [number],
      params: { c: 'a', x: number / 4 },
      distributions: space,
    }),
  );

  function stateWith(...running: ReturnType<typeof frozenTrial>[]): TpeState {
    const history = new StudyHistory(['minimize']);
    history.update({ trials: [...done, ...running], deletedTrialIds: [] });
    return new TpeState(history, options);
  }

  it('knows what running trials of this process are going to suggest', () => {
    const running = frozenTrial({ number: 3, state: 'running' });
    const state = stateWith(running);
    state.refresh(1, true, 4);
    expect(state.below(space).nObservations).toBe(1);
    expect(state.above(space).nObservations).toBe(2);
    state.announce(running, { c: 1, x: 0.9 });
    state.history.update({ trials: [{ ...running }], deletedTrialIds: [] });
    state.refresh(1, true, 4);
    expect(state.above(space).describe().mus[1]).toEqual([0.25, 0.5, 0.9, 0.5]);
    // What was suggested in the end counts, once the trial is over.
    const complete = frozenTrial({
      number: 3,
      values: [9],
      params: { c: 'b', x: 0.8 },
      distributions: space,
    });
    state.history.update({ trials: [complete], deletedTrialIds: [] });
    state.refresh(1, true, 4);
    expect(state.above(space).describe().mus[1]).toEqual([0.25, 0.5, 0.8, 0.5]);
  });

  it("reads what Optuna's workers tell of theirs", () => {
    const text = JSON.stringify({ x: 0.7, c: 'b' });
    const pieces = {
      'tpe:relative_params:0': text.slice(0, 9),
      'tpe:relative_params:1': text.slice(9),
    };
    const whole = stateWith(frozenTrial({ number: 3, state: 'running', systemAttrs: pieces }));
    whole.refresh(1, true, 4);
    expect(whole.above(space).nObservations).toBe(3);
    const { 'tpe:relative_params:0': first } = pieces;
    const half = stateWith(
      frozenTrial({
        number: 3,
        state: 'running',
        systemAttrs: { 'tpe:relative_params:0': first },
      }),
    );
    half.refresh(1, true, 4);
    expect(half.above(space).nObservations).toBe(2);
  });

  it('starts anew when a range changes or a trial is deleted', () => {
    const state = stateWith();
    state.refresh(1, true, 4);
    state.above(space);
    const wider = { ...space, x: createFloatDistribution(0, 2) };
    expect(state.above(wider).describe().sigmas[1]?.at(-1)).toBe(2);
    state.history.update({ trials: [], deletedTrialIds: [3] });
    state.refresh(1, true, 4);
    expect(state.above(wider).describe().mus[1]).toEqual([0.25, 1]);
  });
});
