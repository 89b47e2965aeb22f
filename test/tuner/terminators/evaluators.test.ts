import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import { setLogger } from '../../../src-main/tuner/logger.ts';
import { EmmrEvaluator } from '../../../src-main/tuner/terminators/emmr.ts';
import {
  ConstantErrorEvaluator,
  CrossValidationErrorEvaluator,
  MedianErrorEvaluator,
  reportCrossValidationScores,
} from '../../../src-main/tuner/terminators/error-evaluators.ts';
import {
  confidenceWidth,
  RegretBoundEvaluator,
} from '../../../src-main/tuner/terminators/regret-bound.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { trialWith } from '../importance/trials.ts';
import { readTerminatorReference } from './reference.ts';

const reference = readTerminatorReference();
const spaces: Record<string, Record<string, Distribution>> = {
  floats: {
    x: createFloatDistribution(-5, 5),
    y: createFloatDistribution(1e-3, 10, { log: true }),
  },
  mixed: {
    x: createFloatDistribution(0, 1),
    n: createIntDistribution(1, 9, { step: 2 }),
    m: createIntDistribution(1, 100, { log: true }),
    c: createCategoricalDistribution(['a', 'b', 'c']),
  },
};
const trialsOf = (space: 'floats' | 'mixed'): FrozenTrial[] =>
  reference.trials[space].map(({ params, value, cv_scores }, number) =>
    trialWith({
      number,
      params,
      distributions: spaces[space],
      values: [value],
      systemAttrs: { 'terminator:cv_scores': cv_scores },
    }),
  );
const seeds = Array.from({ length: 10 }, (_, seed) => seed);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** Both look for the highest bound among 2048 random places, so both have a spread over seeds. */
function expectSameSpread(ours: readonly number[], theirs: readonly number[]): void {
  const spread = Math.max(...theirs) - Math.min(...theirs) + 0.02 * median(theirs);
  expect(Math.abs(median(ours) - median(theirs))).toBeLessThan(spread);
  expect(Math.max(...ours)).toBeLessThan(Math.max(...theirs) + 2 * spread);
  expect(Math.min(...ours)).toBeGreaterThan(Math.min(...theirs) - 2 * spread);
}

for (const expected of reference.evaluators)
  describe(`evaluators, ${expected.space}, ${expected.direction}`, () => {
    const trials = trialsOf(expected.space);
    const { direction } = expected;

    it("bound the regret as Optuna's do", () => {
      expectSameSpread(
        seeds.map((seed) => new RegretBoundEvaluator({ seed }).evaluate(trials, direction)),
        expected.regret_bound,
      );
    });

    it("expect the model regret that Optuna's expect", () => {
      expectSameSpread(
        seeds.map((seed) => new EmmrEvaluator({ seed }).evaluate(trials, direction)),
        expected.emmr,
      );
    });

    it("take Optuna's median error and cross-validation error", () => {
      const emmr = new MedianErrorEvaluator(new EmmrEvaluator()).evaluate(trials, direction);
      expect(emmr / expected.median_error_of_emmr).toBeGreaterThan(0.8);
      expect(emmr / expected.median_error_of_emmr).toBeLessThan(1.2);
      const regret = new MedianErrorEvaluator(new RegretBoundEvaluator()).evaluate(
        trials,
        direction,
      );
      expect(regret / expected.median_error_of_regret_bound).toBeCloseTo(1, 1);
      expect(new CrossValidationErrorEvaluator().evaluate(trials, direction)).toBeCloseTo(
        expected.cross_validation_error,
        12,
      );
    });
  });

describe('confidenceWidth', () => {
  it("is Optuna's beta", () => {
    for (const [nDims, nTrials, beta] of reference.beta)
      expect(confidenceWidth(nDims, nTrials)).toBeCloseTo(beta, 12);
  });
});

describe('RegretBoundEvaluator', () => {
  it('falls as the optimum becomes clear, and is the same when asked again', () => {
    const trials = Array.from({ length: 60 }, (_, number) => {
      const x = number < 30 ? ((number * 7) % 30) / 30 : 0.5 + ((number % 7) - 3) / 200;
      return trialWith({ number, params: { x }, values: [(x - 0.5) ** 2] });
    });
    const evaluator = new RegretBoundEvaluator();
    const early = evaluator.evaluate(trials.slice(0, 8), 'minimize');
    const late = evaluator.evaluate(trials, 'minimize');
    expect(late).toBeLessThan(early / 5);
    expect(evaluator.evaluate(trials, 'minimize')).toBe(late);
  });

  it('takes infinite values for the worst, and learns from a limited number of trials', () => {
    const trials = trialsOf('floats');
    const withInfinity = [...trials, trialWith({ ...trials[0], number: 45, values: [Infinity] })];
    const bound = new RegretBoundEvaluator().evaluate(withInfinity, 'minimize');
    expect(Number.isFinite(bound)).toBe(true);
    const many = Array.from({ length: 1000 }, (_, number) =>
      trialWith({ number, params: { x: ((number * 37) % 1000) / 1000 }, values: [1] }),
    );
    const few = new RegretBoundEvaluator({ maxTopTrials: 15, minTopTrials: 1 });
    expect(Number.isFinite(few.evaluate(many, 'minimize'))).toBe(true);
  });

  it('cannot tell without a parameter that all trials have, and says so once', () => {
    const messages: string[] = [];
    setLogger({ info: () => {}, warn: (message) => void messages.push(message) });
    try {
      const trials = [
        trialWith({ number: 0, params: { x: 0.5 } }),
        trialWith({ number: 1, params: { y: 0.5 } }),
      ];
      for (const Evaluator of [RegretBoundEvaluator, EmmrEvaluator]) {
        const evaluator = new Evaluator();
        expect(evaluator.evaluate(trials, 'minimize')).toBe(Infinity);
        expect(evaluator.evaluate(trials, 'minimize')).toBe(Infinity);
      }
    } finally {
      setLogger(null);
    }
    expect(messages).toHaveLength(2);
  });
});

describe('EmmrEvaluator', () => {
  it('cannot tell from one trial', () => {
    expect(new EmmrEvaluator().evaluate(trialsOf('floats').slice(0, 1), 'minimize')).toBe(Infinity);
  });

  it('hardly changes its mind when it leaves out the worst trials', () => {
    const trials = trialsOf('floats');
    const all = new EmmrEvaluator().evaluate(trials, 'minimize');
    const limited = new EmmrEvaluator({ maxTrials: 35 }).evaluate(trials, 'minimize');
    expect(limited).not.toBe(all);
    expect(limited / all).toBeGreaterThan(0.5);
    expect(limited / all).toBeLessThan(2);
  });
});

describe('error evaluators', () => {
  it('are told the scores of the folds by the objective', async () => {
    const attrs: Record<string, unknown> = {};
    const trial = {
      setSystemAttr: async (key: string, value: unknown) => void (attrs[key] = value),
    };
    await reportCrossValidationScores(trial, [0.5, 0.7]);
    const told = trialWith({ number: 0, systemAttrs: attrs as FrozenTrial['systemAttrs'] });
    expect(new CrossValidationErrorEvaluator().evaluate([told], 'minimize')).toBeCloseTo(
      Math.sqrt(1.5) * 0.1,
      12,
    );
    await expect(reportCrossValidationScores(trial, [0.5])).rejects.toThrow('at least two');
    expect(() =>
      new CrossValidationErrorEvaluator().evaluate([trialWith({ number: 3 })], 'minimize'),
    ).toThrow('The best trial (3)');
  });

  it('wait for the trials that the median is taken of', () => {
    const calls: number[] = [];
    const improvement = {
      name: 'counting',
      evaluate: (trials: readonly FrozenTrial[]) => {
        calls.push(trials.length);
        return trials.length;
      },
    };
    const error = new MedianErrorEvaluator(improvement, {
      warmUpTrials: 2,
      nInitialTrials: 4,
      thresholdRatio: 0.5,
    });
    const trials = Array.from({ length: 8 }, (_, number) => trialWith({ number }));
    expect(error.evaluate(trials.slice(0, 5), 'minimize')).toBe(-Infinity);
    expect(error.evaluate(trials.slice(0, 6), 'minimize')).toBe(1.5);
    expect(error.evaluate(trials, 'minimize')).toBe(1.5);
    expect(calls).toEqual([1, 2, 3, 4]);
  });

  it('do not take an improvement that could not be told for a threshold', () => {
    const error = new MedianErrorEvaluator(new EmmrEvaluator(), {
      warmUpTrials: 0,
      nInitialTrials: 1,
    });
    expect(error.evaluate(trialsOf('floats'), 'minimize')).toBe(-Infinity);
  });

  it('refuse values that break their rules', () => {
    expect(() => new ConstantErrorEvaluator(NaN)).toThrow('not NaN');
    expect(() => new MedianErrorEvaluator(new EmmrEvaluator(), { thresholdRatio: 0 })).toThrow(
      'thresholdRatio',
    );
    expect(() => new RegretBoundEvaluator({ topTrialsRatio: 2 })).toThrow('between 0 and 1');
  });
});
