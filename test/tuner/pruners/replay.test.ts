import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src-main/tuner/pruners/registry.ts';
import type { Pruner } from '../../../src-main/tuner/pruners/pruner.ts';
import { replayPruner, type ReplayStudy } from '../../../src-main/tuner/pruners/replay.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';
import { readReferenceJson, toNumber } from '../../helpers/reference.ts';

type References = Record<
  StudyDirection,
  {
    table: (number | string)[][];
    results: Record<string, { enforce: { pruned_at_step: (number | null)[] } }>;
  }
>;

const references = readReferenceJson<References>('optuna-5.0/pruners.json');

/** The settings of pruners.json by their Python text. */
const settings: Record<string, () => Pruner> = {
  'NopPruner()': () => createPruner('nop'),
  'MedianPruner()': () => createPruner('median'),
  'MedianPruner(n_startup_trials=3, n_warmup_steps=2, interval_steps=3)': () =>
    createPruner('median', { nStartupTrials: 3, nWarmupSteps: 2, intervalSteps: 3 }),
  'PercentilePruner(25.0)': () => createPruner('percentile', { percentile: 25 }),
  'PercentilePruner(75.0, n_startup_trials=3)': () =>
    createPruner('percentile', { percentile: 75, nStartupTrials: 3 }),
  'SuccessiveHalvingPruner()': () => createPruner('successive-halving'),
  'SuccessiveHalvingPruner(min_resource=1, reduction_factor=4, bootstrap_count=2)': () =>
    createPruner('successive-halving', { minResource: 1, reductionFactor: 4, bootstrapCount: 2 }),
  'HyperbandPruner()': () => createPruner('hyperband'),
  'HyperbandPruner(min_resource=2, max_resource=20, reduction_factor=2)': () =>
    createPruner('hyperband', { minResource: 2, maxResource: 20, reductionFactor: 2 }),
  'ThresholdPruner(lower=-0.05, upper=0.8)': () =>
    createPruner('threshold', { lower: -0.05, upper: 0.8 }),
  'PatientPruner(MedianPruner(n_startup_trials=2, n_warmup_steps=0), patience=2)': () =>
    createPruner('patient', {
      wrapped: { type: 'median', options: { nStartupTrials: 2 } },
      patience: 2,
    }),
  'WilcoxonPruner()': () => createPruner('wilcoxon'),
};

function trialOf(fields: Partial<FrozenTrial> & { number: number }): FrozenTrial {
  return {
    trialId: fields.number + 100,
    state: 'complete',
    values: [0],
    startedAtMs: 1000 * fields.number,
    completedAtMs: 1000 * fields.number + 1000,
    params: {},
    internalParams: {},
    distributions: {},
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
    ...fields,
  };
}

function studyWith(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[] = ['minimize'],
): ReplayStudy {
  return {
    studyId: 1,
    studyName: 'ref',
    directions,
    seed: 0,
    getTrials: async (states) =>
      trials.filter((trial) => states === undefined || states.includes(trial.state)),
    getSystemAttrs: async () => ({}),
  };
}

function curve(...values: number[]): ReadonlyMap<number, number> {
  return new Map(values.map((value, step) => [step, value]));
}

/** As the trials of pruners.json end. */
function finalValue(values: readonly number[], by: StudyDirection | 'mean'): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (by === 'mean') return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return by === 'minimize' ? Math.min(...numbers) : Math.max(...numbers);
}

describe('replayPruner', () => {
  for (const direction of ['minimize', 'maximize'] as const)
    it(`ends full curves where Optuna's pruners end them (${direction})`, async () => {
      const { table, results } = references[direction];
      for (const [text, create] of Object.entries(settings)) {
        const enforce = results[text]?.enforce;
        // The bounds of ThresholdPruner are other ones when maximizing.
        if (!enforce && text.startsWith('Threshold')) continue;
        if (!enforce) expect.fail(text);
        const trials = table.map((reports, number) => {
          const values = reports.map(toNumber);
          const result = finalValue(values, text.startsWith('Wilcoxon') ? 'mean' : direction);
          return trialOf({ number, values: [result], intermediateValues: curve(...values) });
        });
        const replay = await replayPruner(studyWith(trials, [direction]), create());
        expect(replay.trials.map(({ cutAtStep }) => cutAtStep)).toEqual(enforce.pruned_at_step);
        expect(replay.nReports).toBe(240);
        expect(replay.nReportsSaved).toBe(
          enforce.pruned_at_step.reduce<number>(
            (sum, step) => sum + (step === null ? 0 : 19 - step),
            0,
          ),
        );
        const completed = enforce.pruned_at_step.flatMap((step, number) =>
          step === null ? [trials[number]?.values?.[0] as number] : [],
        );
        const best = direction === 'minimize' ? Math.min(...completed) : Math.max(...completed);
        expect(replay.objectives[0]?.after?.value ?? null).toBe(
          completed.length === 0 ? null : best,
        );
      }
    });

  it('reproduces a study with the pruner it ran with, and another one on its full curves', async () => {
    const run = async (pruner: Pruner) => {
      const study = await createStudy({
        storage: new InMemoryStorage(),
        studyName: 'ref',
        sampler: new RandomSampler({ seed: 5 }),
        pruner,
      });
      await study.optimize(
        async (trial) => {
          const x = await trial.suggestFloat('x', 0, 1);
          for (let step = 0; step < 12; step++) {
            await trial.report(x + 1 / (step + 1) + 0.2 * Math.sin(40 * x + step), step);
            if (await trial.shouldPrune()) throw new TrialPruned();
          }
          return x;
        },
        { nTrials: 60 },
      );
      return study;
    };
    const full = await run(createPruner('nop'));
    for (const name of ['median', 'successive-halving', 'hyperband']) {
      const pruned = await run(createPruner(name));
      const ended = (await pruned.getTrials()).map((trial) =>
        trial.state === 'pruned' ? trial.intermediateValues.size - 1 : null,
      );
      expect(ended.some((step) => step !== null)).toBe(true);
      const onFull = await replayPruner(full, createPruner(name));
      expect(onFull.trials.map(({ cutAtStep }) => cutAtStep)).toEqual(ended);
      const onItself = await replayPruner(pruned, createPruner(name));
      expect(onItself.trials.map(({ cutAtStep }) => cutAtStep)).toEqual(ended);
      expect(onItself.nReportsSaved).toBe(0);
    }
  });

  it('tells what it saves and what it costs', async () => {
    const trials = [
      trialOf({ number: 0, values: [5], intermediateValues: curve(5, 5, 5, 5) }),
      trialOf({ number: 1, values: [6], intermediateValues: curve(4, 5, 6, 6) }),
      // The best one begins badly.
      trialOf({ number: 2, values: [1], intermediateValues: curve(9, 8, 2, 1) }),
      trialOf({ number: 3, values: [3], intermediateValues: curve(3, 3, 3, 3) }),
    ];
    const replay = await replayPruner(
      studyWith(trials),
      createPruner('median', { nStartupTrials: 2 }),
    );
    expect(replay.trials[2]).toEqual({
      number: 2,
      state: 'complete',
      outcome: 'cut',
      cutAtStep: 0,
      nReports: 4,
      nReportsSaved: 3,
    });
    expect(replay).toMatchObject({
      nCut: 1,
      nUnknown: 0,
      nReports: 16,
      nReportsSaved: 3,
      savedShare: 3 / 16,
      savedMs: 750,
      objectives: [
        {
          direction: 'minimize',
          before: { number: 2, value: 1 },
          after: { number: 3, value: 3 },
          isBestCut: true,
        },
      ],
    });
  });

  it('does not pretend to know how pruned trials would have gone on', async () => {
    const trials = [
      trialOf({ number: 0, values: [5], intermediateValues: curve(5, 5) }),
      trialOf({ number: 1, state: 'pruned', values: [7], intermediateValues: curve(7) }),
      trialOf({ number: 2, state: 'fail', values: null, intermediateValues: curve(1) }),
      trialOf({ number: 3, values: [4] }),
    ];
    const replay = await replayPruner(studyWith(trials), createPruner('nop'));
    expect(replay.trials.map(({ outcome }) => outcome)).toEqual([
      'kept',
      'unknown',
      'kept',
      'silent',
    ]);
    expect(replay).toMatchObject({ nCut: 0, nUnknown: 1, nReportsSaved: 0, savedShare: 0 });
    expect(replay.objectives[0]).toMatchObject({ before: { number: 3 }, isBestCut: false });
  });

  it('shows the pruner what had happened by then, and nothing more', async () => {
    const seen: string[] = [];
    const spy: Pruner = {
      name: 'spy',
      prune: async (study, trial) => {
        const others = await study.getTrials();
        seen.push(
          `${trial.number}@${[...trial.intermediateValues.keys()].join('')}: ` +
            others
              .map((one) => `${one.number} ${one.state} ${one.intermediateValues.size}`)
              .join(', '),
        );
        return trial.number === 0 && trial.intermediateValues.has(1);
      },
    };
    // Trial 1 runs beside trial 0, and ends before trial 0 would have.
    const trials = [
      trialOf({
        number: 0,
        startedAtMs: 0,
        completedAtMs: 300,
        intermediateValues: curve(1, 2, 3),
      }),
      trialOf({ number: 1, startedAtMs: 110, completedAtMs: 250, intermediateValues: curve(4, 5) }),
      trialOf({ number: 2, startedAtMs: 400, completedAtMs: 500, intermediateValues: curve(6) }),
    ];
    await replayPruner(studyWith(trials), spy);
    expect(seen).toEqual([
      '0@0: 0 running 1',
      '1@0: 0 running 1, 1 running 1',
      '0@01: 0 running 2, 1 running 1',
      '1@01: 0 pruned 2, 1 running 2',
      '2@0: 0 pruned 2, 1 complete 2, 2 running 1',
    ]);
  });

  it('keeps the history up to date and the reports of a running trial as a map', async () => {
    const sums: number[] = [];
    const spy: Pruner = {
      name: 'spy',
      prune: async (study, trial) => {
        const history = await study.getHistory();
        sums.push(history.nComplete);
        const { intermediateValues } = trial;
        let sum = 0;
        intermediateValues.forEach((value, step, map) => {
          expect(map.get(step)).toBe(value);
          sum += value;
        });
        expect(sum).toBe([...intermediateValues.values()].reduce((a, b) => a + b, 0));
        expect([...intermediateValues]).toEqual([...intermediateValues.entries()]);
        expect(intermediateValues.has(intermediateValues.size)).toBe(false);
        expect(intermediateValues.get(intermediateValues.size)).toBeUndefined();
        return false;
      },
    };
    const trials = [0, 1].map((number) => trialOf({ number, intermediateValues: curve(1, 2) }));
    await replayPruner(studyWith(trials), spy);
    expect(sums).toEqual([0, 0, 1, 1]);
  });

  it('forgets what the pruner of the time left on the trials', async () => {
    const rungs = { completed_rung_0: -1, completed_rung_1: -1, constraints: [1] };
    const trials = [0, 1, 2].map((number) =>
      trialOf({ number, intermediateValues: curve(...[5, 4, 3, 2, 1].map((y) => y - number)) }),
    );
    const replay = (some: readonly FrozenTrial[]) =>
      replayPruner(studyWith(some), createPruner('successive-halving', { minResource: 1 }));
    const marked = trials.map((trial) => ({ ...trial, systemAttrs: rungs }));
    expect((await replay(marked)).trials).toEqual((await replay(trials)).trials);
    // Constraints stay: none of these is feasible, so there is no best one.
    expect((await replay(marked)).objectives[0]?.before).toBeNull();
  });

  it('replays one objective of several', async () => {
    const trials = [
      trialOf({ number: 0, values: [1, 9], intermediateValues: curve(9, 9) }),
      trialOf({ number: 1, values: [3, 8], intermediateValues: curve(2, 8) }),
    ];
    const study = studyWith(trials, ['minimize', 'maximize']);
    const replay = await replayPruner(study, createPruner('median', { nStartupTrials: 1 }), {
      pruningObjective: 1,
    });
    expect(replay.trials.map(({ cutAtStep }) => cutAtStep)).toEqual([null, 0]);
    expect(replay.objectives.map(({ before, after }) => [before?.value, after?.value])).toEqual([
      [1, 1],
      [9, 9],
    ]);
    await expect(replayPruner(study, createPruner('nop'), { pruningObjective: 2 })).rejects.toThrow(
      'index of one of 2',
    );
  });

  it('can be broken off', async () => {
    const trials = [trialOf({ number: 0, intermediateValues: curve(1, 2) })];
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(replayPruner(studyWith(trials), createPruner('nop'), { signal })).rejects.toThrow(
      'enough',
    );
  });
});
