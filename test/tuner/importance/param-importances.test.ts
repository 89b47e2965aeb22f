import { describe, expect, it } from 'vitest';
import {
  createImportanceEvaluator,
  importanceEvaluators,
} from '../../../src-main/tuner/importance/registry.ts';
import { studyOfTrials } from '../../../src-main/tuner/importance/importance-data.ts';
import {
  getPairImportances,
  getParamImportances,
} from '../../../src-main/tuner/importance/param-importances.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { readHistory, readReferenceJson } from '../../helpers/reference.ts';
import { trialWith } from './trials.ts';

describe('getParamImportances', () => {
  it("gives Optuna's default importances, normalized and the highest first", async () => {
    const { histories } = readReferenceJson<{
      histories: Record<
        string,
        { ped_anova: Record<string, { normalized: Record<string, number> }> }
      >;
    }>('optuna-5.0/importance.json');
    const expected =
      histories.COND?.ped_anova['default(target=0.1,region=1.0,local)']?.normalized ?? {};
    const { trials, direction } = readHistory('cond');
    const { importances, reason, nTrials } = await getParamImportances(
      studyOfTrials(trials, [direction]),
    );
    expect(reason).toBeNull();
    expect(nTrials).toBe(30);
    expect(importances.map(({ params }) => params[0])).toEqual(Object.keys(expected));
    for (const {
      params: [name = ''],
      importance,
    } of importances)
      expect(importance).toBeCloseTo(expected[name] as number, 12);
  });

  it('works on a study', async () => {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      sampler: new RandomSampler(),
      seed: 1,
    });
    await study.optimize(
      async (trial) =>
        (await trial.suggestFloat('x', -1, 1)) ** 2 + 0.01 * (await trial.suggestFloat('y', -1, 1)),
      { nTrials: 60 },
    );
    for (const { name } of importanceEvaluators) {
      const { importances } = await getParamImportances(study, {
        evaluator: createImportanceEvaluator(name),
      });
      expect(importances[0]?.params).toEqual(['x']);
      expect(importances.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
    }
  });

  it('is silent below ten trials, and says so', async () => {
    const trials = Array.from({ length: 9 }, (_, i) =>
      trialWith({ number: i, params: { x: i / 9 }, values: [i] }),
    );
    const study = studyOfTrials(trials, ['minimize']);
    expect(await getParamImportances(study)).toEqual({
      importances: [],
      reason: 'Importance needs at least 10 trials with a finite result, but there are 9.',
      notes: [],
      nTrials: 9,
    });
    expect((await getParamImportances(study, { minTrials: 9 })).importances).toHaveLength(1);
    expect((await getParamImportances(studyOfTrials([], ['minimize']))).reason).toContain('are 0');
    await expect(getParamImportances(study, { minTrials: 1 })).rejects.toThrow('at least 2');
  });

  it('does not divide nothing into equal shares', async () => {
    // x is the same for the good trials and the others.
    const trials = Array.from({ length: 40 }, (_, i) =>
      trialWith({ number: i, params: { x: 0.5 }, values: [i] }),
    );
    const result = await getParamImportances(studyOfTrials(trials, ['minimize']), {
      evaluator: createImportanceEvaluator('fanova'),
    });
    expect(result.importances).toEqual([]);
    expect(result.reason).not.toBeNull();
  });

  it('leaves out trials that are not complete or whose result is infinite', async () => {
    const good = Array.from({ length: 20 }, (_, i) =>
      trialWith({ number: i, params: { x: i / 20 }, values: [i] }),
    );
    const others = [
      trialWith({ number: 20, params: { x: 0.1 }, values: [Infinity] }),
      trialWith({ number: 21, params: { x: 0.1 }, values: [3], state: 'pruned' }),
      trialWith({ number: 22, params: { x: 0.1 }, values: null, state: 'fail' }),
      trialWith({ number: 23, params: { x: 0.1, rare: 1 }, values: null, state: 'running' }),
    ];
    const expected = await getParamImportances(studyOfTrials(good, ['minimize']));
    expect(await getParamImportances(studyOfTrials([...good, ...others], ['minimize']))).toEqual(
      expected,
    );
  });

  it.each([
    ['a function, as in Optuna', (trial: { values: number[] }) => trial.values[0]],
    ['no type', { step: 3 }],
    ['an unknown type', { type: 'value' }],
    ['a misspelt key', { type: 'objective', idx: 0 }],
    ['no direction', { type: 'function', valueOf: () => 1 }],
    ['no function', { type: 'function', valueOf: 1, direction: 'minimize' }],
  ])('refuses a target with %s', async (_, target) => {
    const { trials, direction } = readHistory('cond');
    const study = studyOfTrials(trials, [direction]);
    await expect(getParamImportances(study, { target: target as never })).rejects.toThrow(
      /^`target` must be \{ type: 'objective', index \}.*but got/,
    );
  });

  it('answers for one of several objectives, or any other target', async () => {
    const trials = Array.from({ length: 200 }, (_, i) => {
      const [x, y, z] = [((i * 37) % 200) / 200, ((i * 73) % 200) / 200, ((i * 121) % 200) / 200];
      return trialWith({
        number: i,
        params: { x, y, z },
        values: [x, y],
        state: i % 4 === 0 ? 'pruned' : 'complete',
        completedAtMs: 1000 * z,
        intermediateValues: new Map([
          [0, y],
          [1, NaN],
        ]),
      });
    });
    const study = studyOfTrials(trials, ['minimize', 'maximize']);
    const first = async (target: Parameters<typeof getParamImportances>[1]) => {
      const { importances, nTrials } = await getParamImportances(study, target);
      return [importances[0]?.params[0], nTrials];
    };
    expect(await first({ target: { type: 'objective', index: 0 } })).toEqual(['x', 150]);
    expect(await first({ target: { type: 'objective', index: 1 } })).toEqual(['y', 150]);
    expect(await first({ target: { type: 'duration' } })).toEqual(['z', 150]);
    expect(await first({ target: { type: 'intermediate', step: 0 } })).toEqual(['y', 200]);
    expect(
      await first({
        target: {
          type: 'function',
          valueOf: (trial) => -(trial.params.x as number),
          direction: 'maximize',
        },
      }),
    ).toEqual(['x', 150]);
    const nowhere = await getParamImportances(study, { target: { type: 'intermediate', step: 1 } });
    expect(nowhere.reason).toContain('there are 0');
    await expect(
      getParamImportances(study, { target: { type: 'objective', index: 2 } }),
    ).rejects.toThrow('index of one of 2');
    await expect(
      getParamImportances(study, { target: { type: 'intermediate', step: 0.5 } }),
    ).rejects.toThrow('whole number');
  });
});

describe('getPairImportances', () => {
  it('gives shares of all that varies', async () => {
    const trials = Array.from({ length: 300 }, (_, i) => {
      const [x, y] = [((i * 37) % 300) / 300, ((i * 91) % 300) / 300];
      return trialWith({ number: i, params: { x, y }, values: [(x - 0.5) * (y - 0.5)] });
    });
    const study = studyOfTrials(trials, ['minimize']);
    const { importances } = await getPairImportances(study);
    expect(importances.map(({ params }) => params)).toEqual([['x', 'y']]);
    expect(importances[0]?.importance).toBeGreaterThan(0.3);
    expect(importances[0]?.importance).toBeLessThanOrEqual(1);
    await expect(
      getPairImportances(study, { evaluator: createImportanceEvaluator('ped-anova') }),
    ).rejects.toThrow('does not know the importance of pairs');
  });
});

describe('importanceEvaluators', () => {
  it('creates each by name with its defaults', () => {
    for (const { name, options } of importanceEvaluators) {
      const evaluator = createImportanceEvaluator(name);
      expect(evaluator.name).toBe(name);
      expect(options.every((option) => 'default' in option)).toBe(true);
    }
  });

  it('tells truly which evaluators know pairs', () => {
    for (const { name, supports } of importanceEvaluators)
      expect('evaluatePairs' in createImportanceEvaluator(name)).toBe(supports.pairs);
  });

  it('refuses unknown names', () => {
    expect(() => createImportanceEvaluator('shap')).toThrow('ped-anova, fanova');
  });
});
