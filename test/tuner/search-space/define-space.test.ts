import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  categorical,
  createStudy,
  defineSpace,
  float,
  InMemoryStorage,
  int,
  loadStudy,
  RandomSampler,
  type ParamsOf,
  type ParamValue,
  type Study,
  type Trial,
} from '../../../src-main/tuner/index.ts';

const space = defineSpace({
  rate: float(1e-5, 1e-1, { log: true }),
  layers: int(1, 4),
  activation: categorical(['relu', 'tanh']),
  width: categorical([32, 64, null]),
});

const newStudy = () =>
  createStudy({ storage: new InMemoryStorage(), sampler: new RandomSampler(), seed: 1 });

describe('defineSpace', () => {
  it('tells the types of the parameters', () => {
    expectTypeOf<ParamsOf<typeof space>>().toEqualTypeOf<{
      readonly rate: number;
      readonly layers: number;
      readonly activation: 'relu' | 'tanh';
      readonly width: 32 | 64 | null;
    }>();
  });

  it('lets ask give a trial that has them', async () => {
    const study = await newStudy();
    const trial = await study.ask(space);
    expectTypeOf(trial.params.rate).toEqualTypeOf<number>();
    expectTypeOf(trial.params.activation).toEqualTypeOf<'relu' | 'tanh'>();
    expectTypeOf(trial.params).not.toHaveProperty('rates');
    expect(Object.keys(trial.params)).toEqual(Object.keys(space));
    expect(trial.distributions).toEqual(space);
    const told = await study.tell(trial, trial.params.rate * trial.params.layers);
    expect(told.params).toEqual(trial.params);
  });

  it('lets objectives read them, and ask for more', async () => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        expectTypeOf(trial.params.width).toEqualTypeOf<32 | 64 | null>();
        const { layers, activation } = trial.params;
        for (let layer = 0; layer < layers; layer++)
          await trial.suggestFloat(`dropout ${layer}`, 0, 0.5);
        return activation === 'relu' ? layers : -layers;
      },
      { space, nTrials: 20 },
    );
    for (const { params, values } of await study.getTrials()) {
      expect(Math.abs(values?.[0] as number)).toBe(params.layers);
      expect(Object.keys(params)).toHaveLength(4 + (params.layers as number));
    }
  });

  it('gives the types to all of a study that was made with it', async () => {
    const storage = new InMemoryStorage();
    const options = { storage, studyName: 'typed', space };
    const study = await createStudy({ ...options, sampler: new RandomSampler(), seed: 1 });
    await study.optimize(
      ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<ParamsOf<typeof space>>();
        return params.rate * params.layers;
      },
      { nTrials: 3 },
    );
    const trial = await study.ask();
    expectTypeOf(trial.params.activation).toEqualTypeOf<'relu' | 'tanh'>();
    await study.tell(trial, Infinity);
    const again = await loadStudy(options);
    expectTypeOf(await again.bestParams()).toEqualTypeOf<ParamsOf<typeof space>>();
    const best = await again.bestTrial();
    expectTypeOf(best.params).toEqualTypeOf<ParamsOf<typeof space>>();
    expect(best.values).toEqual([best.params.rate * best.params.layers]);
    expect(Object.keys(trial.params)).toEqual(Object.keys(space));

    // Where the study's space is not all: another one for this trial.
    const other = await study.ask({ x: float(0, 1) });
    expectTypeOf(other.params).toEqualTypeOf<{ readonly x: number }>();
    expect(Object.keys(other.params)).toEqual(['x']);
    // A study of known parameters is a study.
    const any: Study = study;
    expectTypeOf(await any.bestParams()).toExtend<Readonly<Record<string, ParamValue>>>();
  });

  it('takes a space that is not defined beforehand', async () => {
    const study = await newStudy();
    const trial = await study.ask({ kind: categorical(['a', 'b']), x: float(0, 1) });
    expectTypeOf(trial.params.kind).toEqualTypeOf<'a' | 'b'>();
    const plain = await study.ask();
    expectTypeOf(plain.params).toExtend<Readonly<Record<string, ParamValue>>>();
    // Where only any trial is asked for, one with known parameters will do.
    const objective = async (any: Trial): Promise<number> => any.suggestFloat('x', 0, 1);
    await study.optimize(objective, { space: { x: float(0, 1) }, nTrials: 2 });
    expect(await study.getTrials(['complete'])).toHaveLength(2);
  });
});
