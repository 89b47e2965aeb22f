import { describe, expect, it } from 'vitest';
import { createFloatDistribution } from '../../../src-main/tuner/distributions.ts';
import {
  collectImportanceData,
  studyOfTrials,
} from '../../../src-main/tuner/importance/importance-data.ts';
import {
  countOnGrid,
  gridDensity,
  PedAnovaEvaluator,
  type PedAnovaOptions,
} from '../../../src-main/tuner/importance/ped-anova.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { readHistory, readReferenceJson } from '../../helpers/reference.ts';
import { trialWith } from './trials.ts';

interface References {
  histories: Record<string, { ped_anova: Record<string, { raw: Record<string, number> }> }>;
}
interface Steps {
  histories: Record<
    string,
    {
      target_trial_numbers: number[];
      per_param: Record<
        string,
        {
          counts_top: number[];
          counts_region: number[];
          pdf_top: number[];
          pdf_region: number[];
        }
      >;
    }
  >;
}

const references = readReferenceJson<References>('optuna-5.0/importance.json');
const settings: Record<string, PedAnovaOptions> = {
  'default(target=0.1,region=1.0,local)': {},
  'target=0.25': { targetQuantile: 0.25 },
  'target=0.1,region=0.5': { regionQuantile: 0.5 },
  'target=0.1,evaluate_on_local=False': { evaluateOnLocal: false },
};

function referenceTrials(name: string): { trials: FrozenTrial[]; direction: StudyDirection } {
  const { trials, direction } = readHistory(name === 'COND' ? 'cond' : 'flat');
  return { trials: name === 'COND' ? trials : trials.slice(0, Number(name.slice(4))), direction };
}

async function evaluate(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  options: PedAnovaOptions = {},
) {
  const data = await collectImportanceData(studyOfTrials(trials, directions), null);
  return new PedAnovaEvaluator(options).evaluate(data, null);
}

describe('PedAnovaEvaluator', () => {
  for (const name of Object.keys(references.histories))
    it(`gives Optuna's numbers for ${name}`, async () => {
      const { trials, direction } = referenceTrials(name);
      for (const [setting, options] of Object.entries(settings)) {
        const expected = references.histories[name]?.ped_anova[setting]?.raw ?? {};
        const { importances } = await evaluate(trials, [direction], options);
        expect(importances.map(({ params }) => params[0]).sort()).toEqual(
          Object.keys(expected).sort(),
        );
        for (const { params, importance } of importances) {
          const value = expected[params[0] as string] as number;
          expect(Math.abs(importance - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
        }
      }
    });

  it("gives Optuna's counts and densities on the grid", () => {
    const { histories } = readReferenceJson<Steps>('optuna-5.0/ped_anova_steps.json');
    for (const [name, { target_trial_numbers, per_param }] of Object.entries(histories)) {
      const { trials } = referenceTrials(name);
      for (const [param, steps] of Object.entries(per_param)) {
        const values = Float64Array.from(trials, (trial) => trial.internalParams[param] as number);
        const distribution = trials[0]?.distributions[param] ?? expect.fail();
        for (const [rows, counts, pdf] of [
          [target_trial_numbers, steps.counts_top, steps.pdf_top],
          [[...trials.keys()], steps.counts_region, steps.pdf_region],
        ] as const) {
          const counted = countOnGrid(distribution, values, rows);
          expect([...counted]).toEqual(counts);
          gridDensity(distribution, counted).forEach((density, place) =>
            expect(density).toBeCloseTo(pdf[place] as number, 13),
          );
        }
      }
    }
  });

  it('asks for what is best in the direction of the study', async () => {
    // Good are low values of `low` when minimizing; when maximizing, values of `high` near 1.
    const rng = createRng(4);
    const trials = Array.from({ length: 200 }, (_, i) => {
      const [low, high] = [rng.uniform(), rng.uniform()];
      return trialWith({
        number: i,
        params: { low, high },
        values: [low < 0.1 ? -1 : high > 0.9 ? 1 : 0],
      });
    });
    const most = async (direction: StudyDirection) => {
      const { importances } = await evaluate(trials, [direction], { targetQuantile: 0.05 });
      return importances.reduce((a, b) => (b.importance > a.importance ? b : a)).params[0];
    };
    expect(await most('minimize')).toBe('low');
    expect(await most('maximize')).toBe('high');
  });

  it('takes the Pareto front as good where there are several objectives', async () => {
    // `x` trades the objectives against each other, `y` makes both worse, `z` does nothing.
    const trials = Array.from({ length: 200 }, (_, i) => {
      const [x, y, z] = [((i * 37) % 200) / 200, ((i * 73) % 200) / 200, ((i * 121) % 200) / 200];
      return trialWith({ number: i, params: { x, y, z }, values: [x + y, -(1 - x + y)] });
    });
    const { importances } = await evaluate(trials, ['minimize', 'maximize']);
    const of = (name: string) =>
      importances.find(({ params }) => params[0] === name)?.importance ?? NaN;
    expect(of('y')).toBeGreaterThan(5 * of('x'));
    expect(of('y')).toBeGreaterThan(5 * of('z'));
  });

  it('is silent when the best trials are all trials', async () => {
    const trials = Array.from({ length: 20 }, (_, i) =>
      trialWith({ number: i, params: { x: i / 20 }, values: [1] }),
    );
    const { importances, reason } = await evaluate(trials, ['minimize']);
    expect(importances).toEqual([]);
    expect(reason).toContain('Nothing can be compared');
  });

  it('says when few trials are among the best, or many tie', async () => {
    const few = Array.from({ length: 20 }, (_, i) =>
      trialWith({ number: i, params: { x: i / 20 }, values: [i] }),
    );
    expect((await evaluate(few, ['minimize'])).notes[0]).toContain('Only 2 of 20 trials');
    const tied = few.map((trial, i) => ({ ...trial, values: [i < 12 ? 0 : i] }));
    expect((await evaluate(tied, ['minimize'])).notes[0]).toContain('12 of 20 trials tie');
  });

  it('takes ranges that change, each by itself', async () => {
    const trials = Array.from({ length: 60 }, (_, i) => {
      const x = ((i * 17) % 60) / 60;
      return trialWith({
        number: i,
        params: { x: i % 2 === 0 ? x : 10 * x },
        distributions: { x: createFloatDistribution(0, i % 2 === 0 ? 1 : 10) },
        values: [x],
      });
    });
    const { importances } = await evaluate(trials, ['minimize']);
    expect(importances[0]?.importance).toBeGreaterThan(0.02);
  });

  it('counts on the widest ranges that doubles have', () => {
    const distribution = createFloatDistribution(-1.7e308, 1.7e308);
    const counts = countOnGrid(distribution, Float64Array.of(-1.7e308, 0, 1.7e308), [0, 1, 2]);
    expect([counts[0], counts.at(-1)]).toEqual([1, 1]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });

  it('refuses shares that leave nothing to compare, unknown options and unknown parameters', async () => {
    expect(() => new PedAnovaEvaluator({ targetQuantile: 0.5, regionQuantile: 0.5 })).toThrow(
      'must be above 0 and below `regionQuantile`',
    );
    expect(() => new PedAnovaEvaluator({ targetQuantile: 0 })).toThrow('above 0');
    expect(() => new PedAnovaEvaluator({ quantile: 0.1 } as PedAnovaOptions)).toThrow('no option');
    const { trials, direction } = referenceTrials('FLAT30');
    const data = await collectImportanceData(studyOfTrials(trials, [direction]), null);
    await expect(new PedAnovaEvaluator().evaluate(data, ['nothing'])).rejects.toThrow('"nothing"');
  });
});
