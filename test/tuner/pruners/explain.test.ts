import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainPruning } from '../../../src-main/tuner/pruners/explain.ts';
import { PatientPruner } from '../../../src-main/tuner/pruners/patient.ts';
import { MedianPruner } from '../../../src-main/tuner/pruners/percentile.ts';
import type {
  Pruner,
  PrunerStudy,
  PruningDecision,
} from '../../../src-main/tuner/pruners/pruner.ts';
import { createPruner } from '../../../src-main/tuner/pruners/registry.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { Attrs, FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import { createStudy, type Study } from '../../../src-main/tuner/study/study.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';

const study = { studyName: 'explained', direction: 'maximize' } as const;
const rising = (height: number, step: number): number => height * (1 + step / 10);
const falling = (height: number, step: number): number =>
  step < 2 + 4 * height ? height + step / 10 : height - step / 10;

/** A study whose trials report a curve, pruned by the pruner as it runs. */
async function runStudy(
  pruner: Pruner,
  curve: (height: number, step: number) => number = rising,
): Promise<readonly FrozenTrial[]> {
  const created = await createStudy({
    studyName: study.studyName,
    storage: new InMemoryStorage(),
    direction: 'maximize',
    seed: 4,
    pruner,
  });
  await created.optimize(
    async (trial) => {
      const height = await trial.suggestFloat('height', 0, 1);
      for (let step = 0; step < 8; step++) {
        await trial.report(curve(height, step), step);
        if (await trial.shouldPrune()) throw new TrialPruned();
      }
      return height;
    },
    { nTrials: 40 },
  );
  return created.getTrials();
}

describe('explainPruning', () => {
  it.each([
    ['median', { nStartupTrials: 4, nWarmupSteps: 2 }],
    ['percentile', { percentile: 70, nStartupTrials: 3, intervalSteps: 3 }],
    ['successive-halving', { minResource: 1, reductionFactor: 2 }],
    ['successive-halving', { minResource: 2, reductionFactor: 2, bootstrapCount: 3 }],
    ['successive-halving', {}],
    ['hyperband', { minResource: 1, reductionFactor: 2 }],
    ['threshold', { lower: 0.2, upper: 0.9, nWarmupSteps: 1 }],
    ['patient', { patience: 1, minDelta: 0 }],
    ['wilcoxon', { pThreshold: 0.3 }],
    ['patient', { patience: 1, wrapped: { type: 'threshold', options: { lower: 0.2 } } }],
    ['patient', { patience: 1, wrapped: { type: 'wilcoxon', options: { pThreshold: 0.3 } } }],
    [
      'patient',
      { patience: 1, wrapped: { type: 'successive-halving', options: { minResource: 1 } } },
    ],
  ])('gives up what the %s pruner gave up, at the very step', async (name, options) => {
    const pruner = createPruner(name, options);
    // Patience runs out only where a curve falls.
    const trials = await runStudy(pruner, name === 'patient' ? falling : rising);
    let nPruned = 0;
    for (const trial of trials) {
      const { steps, decisions } = (await explainPruning(pruner, trial, trials, study))!;
      expect(steps).toEqual([...trial.intermediateValues.keys()]);
      expect(decisions.slice(0, -1).some(({ isPruned }) => isPruned)).toBe(false);
      expect(decisions.at(-1)?.isPruned).toBe(trial.state === 'pruned');
      if (trial.state === 'pruned') nPruned++;
    }
    expect(nPruned).toBeGreaterThan(5);
  });

  it('says what was compared, and why nothing was', async () => {
    const pruner = new MedianPruner({ nStartupTrials: 2, nWarmupSteps: 1, nMinTrials: 2 });
    const complete = (number: number, values: number[]): FrozenTrial =>
      trialOf(number, 'complete', values, number * 10);
    const trials = [complete(0, [1, 2, 3, 4]), complete(1, [2, 4, 6]), complete(2, [9, 9])];
    const judged = trialOf(3, 'pruned', [0, 1, 5, 2], 30);
    const { decisions } = (await explainPruning(pruner, judged, trials, study))!;
    const median = { basis: 'best', percentile: 50 };
    expect(decisions).toEqual([
      { ...median, phase: 'warmup', own: 0, threshold: null, nOthers: 0, isPruned: false },
      { ...median, phase: 'compared', own: 1, threshold: 4, nOthers: 3, isPruned: true },
      { ...median, phase: 'compared', own: 5, threshold: 4.5, nOthers: 2, isPruned: false },
      { ...median, phase: 'few', own: 5, threshold: null, nOthers: 1, isPruned: false },
    ]);
    const early = trialOf(4, 'pruned', [0, 1], 5);
    const first = await explainPruning(pruner, early, trials, study);
    expect(first?.decisions.map(({ phase }) => phase)).toEqual(['warmup', 'startup']);
  });

  it('compares at a rung with those that had got there by then', async () => {
    const pruner = createPruner('successive-halving', { minResource: 2, reductionFactor: 2 });
    const rungs = (...values: number[]): Attrs =>
      Object.fromEntries(values.map((value, i) => [`completed_rung_${i}`, value]));
    const trials = [
      { ...trialOf(0, 'complete', [1, 2, 5, 7, 8], 10), systemAttrs: rungs(5, 8) },
      { ...trialOf(1, 'pruned', [2, 3, 4], 20), systemAttrs: rungs(4) },
      { ...trialOf(2, 'complete', [1, 3, 9, 9, 10], 40), systemAttrs: rungs(9, 10) },
    ];
    const judged = { ...trialOf(3, 'pruned', [1, 2, 3], 30), systemAttrs: rungs(3) };
    const { decisions } = (await explainPruning(pruner, judged, trials, study))!;
    const between = { phase: 'interval', basis: 'rung', threshold: null, nOthers: 0 };
    expect(decisions).toEqual([
      { ...between, own: 1, isPruned: false },
      { ...between, own: 2, isPruned: false },
      { ...between, phase: 'compared', own: 3, threshold: 5, nOthers: 2, rung: 0, isPruned: true },
    ]);
  });

  it('counts of a trial that was running only the rungs it had reached', async () => {
    const pruner = createPruner('successive-halving', { minResource: 1, reductionFactor: 2 });
    const systemAttrs = { completed_rung_0: 2, completed_rung_1: 6, completed_rung_2: 9 };
    const other = {
      ...trialOf(0, 'complete', [1, 2, 6, 7, 9], 100),
      startedAtMs: 0,
      systemAttrs,
    };
    const judged = { ...trialOf(1, 'complete', [1, 3, 4, 5, 5], 65), startedAtMs: 55 };
    const { decisions } = (await explainPruning(pruner, judged, [other, judged], study))!;
    expect(decisions.map(({ phase, nOthers }) => [phase, nOthers])).toEqual([
      ['interval', 0],
      ['compared', 1],
      ['compared', 1],
      ['interval', 0],
      ['few', 0],
    ]);
  });

  it('shows a pruner the others as they were at each report, a trial that still runs as it is now', async () => {
    const seen: unknown[] = [];
    const pruner: Pruner = {
      name: 'looks',
      prune: async () => false,
      explain: async (known, { intermediateValues, systemAttrs }) => {
        const all = await known.getTrials();
        const names = (trials: readonly FrozenTrial[]): number[] => trials.map((one) => one.number);
        seen.push({
          nReports: intermediateValues.size,
          own: systemAttrs,
          complete: names(await known.getTrials(['complete'])),
          running: names(await known.getTrials(['running', 'fail'])),
          all: all.map((one) => [one.state, one.intermediateValues.size, one.systemAttrs]),
        });
        return {
          phase: 'never',
          basis: 'nothing',
          own: 0,
          threshold: null,
          nOthers: 0,
          isPruned: false,
        };
      },
    };
    const from = (startedAtMs: number, trial: FrozenTrial): FrozenTrial => ({
      ...trial,
      startedAtMs,
      systemAttrs: { completed_rung_0: 1, other: true },
    });
    const trials = [
      from(0, trialOf(0, 'complete', [1, 2], 10)),
      // Ends between the two reports, which are at 15 and 20, and has reported at 12 and 18.
      from(6, trialOf(1, 'complete', [1, 2], 18)),
      { ...from(11, trialOf(2, 'running', [1, 2, 3], 0)), completedAtMs: null },
      { ...from(17, trialOf(3, 'running', [1], 0)), completedAtMs: null },
    ];
    const judged = from(10, trialOf(4, 'pruned', [1, 2], 20));
    await explainPruning(pruner, judged, [...trials, judged], study);
    const rung = { completed_rung_0: 1, other: true };
    const none = { other: true };
    expect(seen).toEqual([
      {
        nReports: 1,
        own: none,
        complete: [0],
        running: [1, 2],
        all: [
          ['complete', 2, rung],
          ['running', 1, rung],
          ['running', 3, rung],
          ['waiting', 0, none],
        ],
      },
      {
        nReports: 2,
        own: none,
        complete: [0, 1],
        running: [2, 3],
        all: [
          ['complete', 2, rung],
          ['complete', 2, rung],
          ['running', 3, rung],
          ['running', 1, rung],
        ],
      },
    ]);
    // A trial that runs is judged as of now.
    seen.length = 0;
    const running = { ...from(10, trialOf(4, 'running', [1], 0)), completedAtMs: null };
    await explainPruning(pruner, running, [...trials, running], study);
    expect(seen).toMatchObject([{ complete: [0, 1], running: [2, 3] }]);
  });

  it('has both bounds of a threshold pruner, or the one there is', async () => {
    const trial = trialOf(0, 'pruned', [0.5, 2], 0);
    const explain = async (options: object): Promise<unknown> => {
      const pruner = createPruner('threshold', { ...options });
      return (await explainPruning(pruner, trial, [trial], study))?.decisions.at(-1);
    };
    const decision = { phase: 'compared', basis: 'bounds', own: 2, nOthers: 0, isPruned: true };
    expect(await explain({ lower: 0, upper: 1 })).toEqual({ ...decision, threshold: 0, upper: 1 });
    expect(await explain({ upper: 1 })).toEqual({ ...decision, threshold: 1 });
    expect(await explain({ lower: 0 })).toEqual({ ...decision, threshold: 0, isPruned: false });
  });

  it('names the bracket, within which alone it compares', async () => {
    const pruner = createPruner('hyperband', { maxResource: 9, reductionFactor: 3 });
    const trials = await runStudy(pruner);
    const seen = new Set<number>();
    for (const trial of trials) {
      const { decisions } = (await explainPruning(pruner, trial, trials, study))!;
      const index = decisions[0]?.bracket?.index as number;
      for (const { bracket, rung } of decisions) {
        expect(bracket).toEqual({ index, count: 3, firstStep: 3 ** index });
        if (rung !== undefined) expect(`completed_rung_${rung}` in trial.systemAttrs).toBe(true);
      }
      seen.add(index);
    }
    expect([...seen].sort()).toEqual([0, 1, 2]);
    const pending = createPruner('hyperband');
    const first = trialOf(0, 'running', [1], 1);
    expect((await explainPruning(pending, first, [first], study))?.decisions).toEqual([
      expect.objectContaining({ phase: 'startup', basis: 'rung', isPruned: false }),
    ]);
  });

  it('has the p-value of a test against the best trial, and why it was not made', async () => {
    const pruner = createPruner('wilcoxon', { pThreshold: 0.2 });
    const best = trialOf(0, 'complete', [5, 6, 7, 8], 10);
    const judged = trialOf(1, 'pruned', [4, 4, 4, 4], 20);
    const { decisions } = (await explainPruning(pruner, judged, [best, judged], study))!;
    const test = { basis: 'test', otherTrial: 0 };
    expect(decisions).toEqual([
      { ...test, phase: 'few', own: NaN, threshold: null, nOthers: 1, isPruned: false },
      { ...test, phase: 'compared', own: 0.25, threshold: 0.2, nOthers: 2, isPruned: false },
      { ...test, phase: 'compared', own: 0.125, threshold: 0.2, nOthers: 3, isPruned: true },
      { ...test, phase: 'compared', own: 0.0625, threshold: 0.2, nOthers: 4, isPruned: true },
    ]);
    const last = async (trial: FrozenTrial, ...others: FrozenTrial[]): Promise<unknown> =>
      (await explainPruning(pruner, trial, [...others, trial], study))?.decisions.at(-1);
    expect(await last(judged)).toMatchObject({ phase: 'startup', isPruned: false });
    expect(await last(trialOf(1, 'running', [NaN], 1), best)).toMatchObject({ phase: 'infinite' });
    const infinite = trialOf(0, 'complete', [5, Infinity], 10);
    expect(await last(judged, infinite)).toMatchObject({ phase: 'infinite', otherTrial: 0 });
    // One report says nothing, whatever was asked for.
    const eager = createPruner('wilcoxon', { pThreshold: 1, nStartupSteps: 0 });
    const single = trialOf(1, 'running', [4], 20);
    expect((await explainPruning(eager, single, [best, single], study))?.decisions).toMatchObject([
      { phase: 'few', nOthers: 1, isPruned: false },
    ]);
    // Worse in what both have, yet better on average by a report that the best one does not have.
    const lucky = trialOf(1, 'running', [4, 5, 6, 99], 20);
    const short = trialOf(0, 'complete', [5, 6, 7], 10);
    expect(await last(lucky, short)).toMatchObject({ phase: 'average', isPruned: false });
  });

  it('tells of a patient pruner what was reached before, and of one that asks another only that it waits', async () => {
    const of = async (options: object, ...values: number[]): Promise<unknown> => {
      const trial = trialOf(0, 'running', values, 10);
      const pruner = createPruner('patient', { patience: 1, minDelta: 0.5, ...options });
      return (await explainPruning(pruner, trial, [trial], study))?.decisions.at(-1);
    };
    const stall = { basis: 'stall', nOthers: 0, isPruned: false };
    const wrapped = { type: 'median', options: {} };
    const waits = { ...stall, phase: 'patience', threshold: null };
    expect(await of({}, 3, 2)).toEqual({ ...waits, own: 3 });
    expect(await of({}, 3, 2, 2.75)).toEqual({
      ...stall,
      phase: 'compared',
      own: 2.75,
      threshold: 2.5,
    });
    expect(await of({ wrapped }, 3, 2, 2.75)).toEqual({ ...waits, own: 2.75 });
    // There is nothing to compare where either side has reported nothing but NaN.
    expect(await of({}, NaN, 2, 1)).toEqual({ ...waits, phase: 'few', own: 2 });
    expect(await of({}, 3, NaN, NaN)).toEqual({ ...waits, phase: 'few', own: NaN });
  });

  it('says where nothing prunes, and nothing of trials without reports or of pruners that do not tell', async () => {
    const silent = trialOf(0, 'complete', [], 0);
    expect(await explainPruning(new MedianPruner(), silent, [silent], study)).toBeNull();
    const falling = trialOf(0, 'complete', [2, 1], 0);
    const explain = (pruner: Pruner): ReturnType<typeof explainPruning> =>
      explainPruning(pruner, falling, [falling], study);
    expect((await explain(createPruner('nop')))?.decisions.at(-1)).toEqual({
      phase: 'never',
      basis: 'nothing',
      own: 1,
      threshold: null,
      nOthers: 0,
      isPruned: false,
    });
    const own: Pruner = { name: 'mine', prune: async () => true };
    expect(await explain(own)).toBeNull();
    expect(await explain(new PatientPruner({ patience: 0, wrapped: own }))).toBeNull();
  });

  it('takes trials of the same millisecond in the order of their numbers', async () => {
    const pruner = new MedianPruner({ nStartupTrials: 1 });
    const at = (number: number, values: number[]): FrozenTrial => ({
      ...trialOf(number, 'complete', values, 5),
      startedAtMs: 5,
    });
    const trials = [at(0, [1]), at(1, [2]), at(2, [9])];
    const { decisions } = (await explainPruning(pruner, trials[1]!, trials, study))!;
    expect(decisions).toMatchObject([{ threshold: 1, nOthers: 1 }]);
  });
});

const finite = fc.double({ min: -3, max: 3, noNaN: true });
const value = fc.oneof(finite, fc.constantFrom(NaN, Infinity));
const sparse = fc.uniqueArray(fc.tuple(fc.nat(12), value), {
  minLength: 1,
  maxLength: 9,
  selector: ([step]) => step,
});
const dense = fc
  .array(finite, { minLength: 1, maxLength: 9 })
  .map((values) => [...values.entries()]);

describe('explain of every pruner', () => {
  it.each<[name: string, options: object]>([
    ['nop', {}],
    ['median', { nStartupTrials: 2, nWarmupSteps: 1 }],
    ['percentile', { percentile: 30, nStartupTrials: 1, intervalSteps: 3, nMinTrials: 2 }],
    ['successive-halving', { reductionFactor: 2 }],
    ['successive-halving', { minResource: 2, reductionFactor: 2, bootstrapCount: 1 }],
    ['hyperband', { maxResource: 12, reductionFactor: 2 }],
    ['patient', { patience: 1, minDelta: 0.2 }],
    ['patient', { patience: 0, wrapped: { type: 'median', options: { nStartupTrials: 1 } } }],
    ['threshold', { lower: -1, upper: 1.5, nWarmupSteps: 2, intervalSteps: 2 }],
    ['threshold', { upper: 1 }],
    ['wilcoxon', { pThreshold: 0.4 }],
  ])('prunes where what %s %o shows is crossed, and nowhere else', async (name, options) => {
    let nPruned = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(sparse, { minLength: 2, maxLength: 8 }),
          fc.array(dense, { minLength: 2, maxLength: 8 }),
        ),
        fc.constantFrom<StudyDirection>('minimize', 'maximize'),
        async (curves, direction) => {
          const pruner = createPruner(name, { ...options });
          const created = await createStudy({
            studyName: 'crossed',
            storage: new InMemoryStorage(),
            direction,
            sampler: new RandomSampler(),
            pruner,
          });
          for (const reports of curves) {
            const trial = await created.ask();
            for (const [step, reported] of reports) {
              await trial.report(reported, step);
              const frozen = await created.storage.getTrial(trial.trialId);
              // First what is shown, which must not change what is decided.
              const shown = await pruner.explain?.(withoutWriting(created), frozen);
              const isPruned = await trial.shouldPrune();
              expect(shown?.isPruned).toBe(isPruned);
              expect(isCrossed(shown!, direction)).toBe(isPruned);
              if (isPruned) nPruned++;
            }
            const last = reports.map(([, y]) => y).findLast((y) => !Number.isNaN(y));
            if (last === undefined) await created.tell(trial, null, { state: 'fail' });
            else await created.tell(trial, last);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(nPruned > 0).toBe(name !== 'nop');
  });
});

function withoutWriting(created: Study): PrunerStudy {
  return {
    studyName: created.studyName,
    directions: created.directions,
    getTrials: (states) => created.getTrials(states),
    setTrialSystemAttr: async () => {},
  };
}

/** What the window says of a decision: whether what is compared lies beyond the limit. */
function isCrossed(decision: PruningDecision, direction: StudyDirection): boolean {
  const { phase, basis, own, threshold, upper } = decision;
  if (phase === 'bootstrap') return true;
  if (phase !== 'compared') return false;
  if (Number.isNaN(own)) return true;
  if (threshold === null) throw new Error('Compared with nothing');
  if (basis === 'test') return own < threshold;
  if (basis !== 'bounds') return direction === 'minimize' ? own > threshold : own < threshold;
  // Of one bound alone the options say which it is: here the upper.
  return upper === undefined ? own > threshold : own < threshold || own > upper;
}

function trialOf(
  number: number,
  state: FrozenTrial['state'],
  values: number[],
  completedAtMs: number,
): FrozenTrial {
  return {
    trialId: number + 1,
    number,
    state,
    values: state === 'complete' ? [values.at(-1) ?? 0] : null,
    startedAtMs: completedAtMs - 1,
    completedAtMs,
    params: {},
    internalParams: {},
    distributions: {},
    intermediateValues: new Map(values.entries()),
    userAttrs: {},
    systemAttrs: {},
  };
}
