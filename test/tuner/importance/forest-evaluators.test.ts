import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { FanovaEvaluator } from '../../../src-main/tuner/importance/fanova.ts';
import {
  collectImportanceData,
  studyOfTrials,
} from '../../../src-main/tuner/importance/importance-data.ts';
import { MeanDecreaseImpurityEvaluator } from '../../../src-main/tuner/importance/mean-decrease-impurity.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { readHistory, readReferenceJson } from '../../helpers/reference.ts';
import { trialWith } from './trials.ts';

interface Spread {
  mean_over_20_seeds: Record<string, number>;
  std_over_20_seeds: Record<string, number>;
  min_over_20_seeds: Record<string, number>;
  max_over_20_seeds: Record<string, number>;
}
interface References {
  histories: Record<string, { fanova: Spread; mdi: Spread; subset_params?: Subset }>;
}
type Subset = Record<string, { fanova_seed0: Record<string, number> }>;

const { histories } = readReferenceJson<References>('optuna-5.0/importance.json');

async function referenceData(name: string) {
  const { trials, direction } = readHistory(name === 'COND' ? 'cond' : 'flat');
  const some = name === 'COND' ? trials : trials.slice(0, Number(name.slice(4)));
  return collectImportanceData(studyOfTrials(some, [direction]), null);
}

async function dataOf(trials: readonly FrozenTrial[]) {
  return collectImportanceData(studyOfTrials(trials, ['minimize']), null);
}

const evaluators = {
  fanova: FanovaEvaluator,
  mdi: MeanDecreaseImpurityEvaluator,
};

describe.each(Object.keys(evaluators) as (keyof typeof evaluators)[])('%s', (method) => {
  const Evaluator = evaluators[method];

  for (const name of Object.keys(histories))
    it(`gives what Optuna gives for ${name}, as far as seeds allow`, async () => {
      const data = await referenceData(name);
      const spread = histories[name]?.[method] as Spread;
      const bySeed: Record<string, number>[] = [];
      for (let seed = 0; seed < 20; seed++) {
        const { importances } = await new Evaluator({ seed }).evaluate(data, null);
        bySeed.push(Object.fromEntries(importances.map((one) => [one.params[0], one.importance])));
      }
      expect(Object.keys(bySeed[0] ?? {}).sort()).toEqual(
        Object.keys(spread.mean_over_20_seeds).sort(),
      );
      for (const [param, mean] of Object.entries(spread.mean_over_20_seeds)) {
        const ours = bySeed.map((one) => one[param] as number);
        const ourMean = ours.reduce((sum, value) => sum + value, 0) / ours.length;
        const deviation = spread.std_over_20_seeds[param] as number;
        const [low, high] = [spread.min_over_20_seeds, spread.max_over_20_seeds].map(
          (one) => one[param] as number,
        ) as [number, number];
        // The difference of two means over 20 seeds: four standard errors.
        expect(Math.abs(ourMean - mean)).toBeLessThan(4 * deviation * Math.sqrt(2 / 20));
        const slack = high - low;
        for (const value of ours) {
          expect(value).toBeGreaterThan(low - slack);
          expect(value).toBeLessThan(high + slack);
        }
        expect(ours[0]).toBeGreaterThan(low - slack / 2);
        expect(ours[0]).toBeLessThan(high + slack / 2);
      }
    });

  it('gives the same numbers for the same seed, which is fixed by default', async () => {
    const data = await referenceData('FLAT30');
    const first = await new Evaluator().evaluate(data, null);
    expect(await new Evaluator({ seed: 0 }).evaluate(data, null)).toEqual(first);
    expect(await new Evaluator({ seed: 1 }).evaluate(data, null)).not.toEqual(first);
  });

  it('takes the trials that have all parameters asked for', async () => {
    const data = await referenceData('COND');
    for (const [names, { fanova_seed0 }] of Object.entries(histories.COND?.subset_params ?? {})) {
      const params = names.split(',');
      const { importances } = await new Evaluator().evaluate(data, params);
      expect(importances.map(({ params: [name] }) => name).sort()).toEqual([...params].sort());
      if (method === 'fanova')
        for (const {
          params: [name = ''],
          importance,
        } of importances)
          expect(importance).toBeCloseTo(fanova_seed0[name] as number, 0);
    }
  });

  it('names the parameters it leaves out', async () => {
    const { notes } = await new Evaluator().evaluate(await referenceData('COND'), null);
    expect(notes.join()).toContain('hidden_dim_layer_1, hidden_dim_layer_2');
  });

  it('gives a parameter that cannot vary nothing', async () => {
    const trials = Array.from({ length: 30 }, (_, i) =>
      trialWith({
        number: i,
        params: { x: i / 30, fixed: 'a' },
        distributions: {
          x: createFloatDistribution(0, 1),
          fixed: createCategoricalDistribution(['a']),
        },
        values: [i],
      }),
    );
    const { importances } = await new Evaluator().evaluate(await dataOf(trials), null);
    const of = Object.fromEntries(importances.map((one) => [one.params[0], one.importance]));
    expect(of.fixed).toBe(0);
    expect(of.x).toBeCloseTo(1, 10);
  });

  it('is silent when all results are alike', async () => {
    const trials = Array.from({ length: 30 }, (_, i) =>
      trialWith({ number: i, params: { x: i / 30 }, values: [5] }),
    );
    const { importances, reason } = await new Evaluator().evaluate(await dataOf(trials), null);
    expect(importances).toEqual([]);
    expect(reason).toContain('Nothing can be explained');
  });

  it('refuses several targets, parameters no trial has together, and ranges that change', async () => {
    const both = studyOfTrials(
      [trialWith({ number: 0, params: { x: 0.5 }, values: [1, 2] })],
      ['minimize', 'minimize'],
    );
    await expect(
      new Evaluator().evaluate(await collectImportanceData(both, null), null),
    ).rejects.toThrow('one target');
    const data = await dataOf([
      trialWith({ number: 0, params: { x: 0.5 } }),
      trialWith({ number: 1, params: { y: 0.5 } }),
      trialWith({
        number: 2,
        params: { y: 3 },
        distributions: { y: createFloatDistribution(0, 5) },
      }),
    ]);
    await expect(new Evaluator().evaluate(data, ['x', 'y'])).rejects.toThrow('all of x, y');
    await expect(new Evaluator().evaluate(data, ['y'])).rejects.toThrow('the same distribution');
  });
});

describe('FanovaEvaluator.evaluatePairs', () => {
  const options = ['a', 'b', 'c'];

  /** Results depend on x and c alone, and on y and z together alone. */
  const trials = (() => {
    const rng = createRng(11);
    return Array.from({ length: 1500 }, (_, i) => {
      const [x, y, z] = [rng.uniform(), rng.uniform(), rng.uniform()];
      const choice = options[rng.integer(3)] as string;
      return trialWith({
        number: i,
        params: { x, y, z, choice },
        distributions: { choice: createCategoricalDistribution(options) },
        values: [x + (choice === 'a' ? 0.5 : 0) + 4 * (y - 0.5) * (z - 0.5)],
      });
    });
  })();

  it('finds the pair that acts together, and no other', async () => {
    const { importances } = await new FanovaEvaluator().evaluatePairs(await dataOf(trials), null);
    expect(importances).toHaveLength(6);
    const of = (a: string, b: string) =>
      importances.find(({ params }) => params.includes(a) && params.includes(b))?.importance ?? NaN;
    // The forest takes part of it for something that all four parameters do together.
    expect(of('y', 'z')).toBeGreaterThan(0.15);
    for (const [a, b] of [
      ['x', 'y'],
      ['x', 'z'],
      ['x', 'choice'],
      ['y', 'choice'],
      ['z', 'choice'],
    ] as const)
      expect(of(a, b)).toBeLessThan(0.03);
  });

  it('never explains more than there is, and is never negative', async () => {
    const data = await dataOf(trials.slice(0, 200));
    const evaluator = new FanovaEvaluator({ nTrees: 16 });
    const alone = await evaluator.evaluate(data, null);
    const pairs = await evaluator.evaluatePairs(data, null);
    const all = [...alone.importances, ...pairs.importances];
    for (const { importance } of all) expect(importance).toBeGreaterThanOrEqual(0);
    expect(all.reduce((sum, { importance }) => sum + importance, 0)).toBeLessThanOrEqual(1);
  });

  it('is silent when there is one parameter only', async () => {
    const data = await dataOf(trials.slice(0, 50));
    const { importances, reason } = await new FanovaEvaluator().evaluatePairs(data, ['x']);
    expect(importances).toEqual([]);
    expect(reason).toContain('A pair needs two');
  });
});
