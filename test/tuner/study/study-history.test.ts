import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import { StudyHistory, rowStates } from '../../../src-main/tuner/study/study-history.ts';
import {
  isFinished,
  trialStates,
  type FrozenTrial,
  type TrialState,
} from '../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../helpers/frozen-trial.ts';

const x = createFloatDistribution(0, 1);
const c = createCategoricalDistribution(['a', 'b', 'c']);

function withX(number: number, value: number, state: TrialState = 'complete'): FrozenTrial {
  return frozenTrial({
    number,
    state,
    values: state === 'complete' ? [value] : null,
    params: { x: value },
    distributions: { x },
  });
}

function update(history: StudyHistory, ...trials: FrozenTrial[]): void {
  history.update({ trials, deletedTrialIds: [] });
}

/** Everything a reader can see of the rows that exist. */
function contentOf(history: StudyHistory) {
  const rows = [...history.states.subarray(0, history.nRows)].flatMap((state, row) =>
    state === rowStates.absent
      ? []
      : [
          {
            row,
            state,
            values: history.values.map((column) => column[row]),
            lastStep: history.lastSteps[row],
            lastValue: history.lastValues[row],
            violation: history.violations[row],
            params: [...history.params.values()]
              .filter(({ values }) => !Number.isNaN(values[row]))
              .map(({ name, values, distributions, distributionIds }) => [
                name,
                values[row],
                distributions[distributionIds[row] as number],
              ])
              .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
          },
        ],
  );
  return {
    rows,
    running: [...history.running.keys()].sort((a, b) => a - b),
    finished: [...history.finishedRows.subarray(0, history.nFinished)].sort((a, b) => a - b),
    counts: [history.nFinished, history.nComplete, history.nPruned],
  };
}

describe('StudyHistory', () => {
  it('keeps results and parameters by trial number', () => {
    const history = new StudyHistory(['minimize', 'maximize']);
    update(
      history,
      frozenTrial({
        number: 2,
        values: [1, -2],
        params: { c: 'b', x: 0.5 },
        distributions: { c, x },
        intermediateValues: new Map([
          [4, 0.4],
          [9, NaN],
          [7, 0.1],
        ]),
        systemAttrs: { 'constraints:a': 2, 'constraints:b': -1, 'constraints:d': 0.5 },
      }),
      frozenTrial({ number: 0, state: 'pruned', systemAttrs: { constraints: [NaN, -1] } }),
    );
    expect(history.nRows).toBe(3);
    expect([...history.states.subarray(0, 3)]).toEqual([
      rowStates.pruned,
      rowStates.absent,
      rowStates.complete,
    ]);
    expect(history.values.map((column) => [...column.subarray(0, 3)])).toEqual([
      [NaN, NaN, 1],
      [NaN, NaN, -2],
    ]);
    expect([...history.lastSteps.subarray(0, 3)]).toEqual([NaN, NaN, 9]);
    expect([...history.lastValues.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
    expect([...history.violations.subarray(0, 3)]).toEqual([Infinity, 0, 2.5]);
    expect([...history.params.keys()]).toEqual(['c', 'x']);
    expect([...(history.params.get('c')?.values.subarray(0, 3) ?? [])]).toEqual([NaN, NaN, 1]);
    expect([...history.finishedRows.subarray(0, history.nFinished)]).toEqual([2, 0]);
    expect([history.nComplete, history.nPruned]).toEqual([1, 1]);
  });

  it('tells distributions apart, and knows the latest', () => {
    const history = new StudyHistory(['minimize']);
    const wide: Distribution = { ...x, high: 2 };
    update(history, withX(0, 0.1));
    update(history, frozenTrial({ number: 3, params: { x: 1.5 }, distributions: { x: wide } }));
    update(history, withX(1, 0.2));
    const column = history.params.get('x');
    expect(column?.distributions).toEqual([x, wide]);
    expect([0, 1, 3].map((row) => column?.distributionIds[row])).toEqual([0, 0, 1]);
    expect(column?.latestDistribution).toEqual(wide);
  });

  it('follows a trial from the queue to its end', () => {
    const history = new StudyHistory(['minimize']);
    update(history, frozenTrial({ number: 0, state: 'waiting' }));
    expect(history.running.size).toBe(0);
    update(history, withX(0, 0.25, 'running'));
    expect(history.running.get(0)?.params).toEqual({ x: 0.25 });
    expect(history.nFinished).toBe(0);
    update(history, frozenTrial({ number: 0, state: 'waiting' }));
    expect(history.params.get('x')?.values[0]).toBeNaN();
    expect(history.running.size).toBe(0);
    update(history, withX(0, 0.75, 'running'));
    update(history, withX(0, 0.75));
    expect(history.params.get('x')?.values[0]).toBe(0.75);
    expect([history.nFinished, history.running.size]).toEqual([1, 0]);
  });

  it('never changes a finished trial, though older news may arrive late', () => {
    const history = new StudyHistory(['minimize']);
    update(history, withX(0, 0.5));
    update(history, withX(0, 0.9, 'running'), withX(0, 0.8));
    expect(history.values[0]?.[0]).toBe(0.5);
    expect([history.nFinished, history.running.size]).toEqual([1, 0]);
  });

  it('lets readers notice deletions, and gives a number to another trial', () => {
    const history = new StudyHistory(['minimize']);
    update(history, withX(0, 0.5), withX(1, 0.6), withX(2, 0.7, 'running'));
    const { epoch, revision } = history;
    history.update({ trials: [], deletedTrialIds: [99] });
    expect(history.epoch).toBe(epoch);
    history.update({ trials: [], deletedTrialIds: [2] });
    expect(history.epoch).toBe(epoch + 1);
    expect(history.revision).toBeGreaterThan(revision);
    expect([...history.finishedRows.subarray(0, history.nFinished)]).toEqual([0]);
    expect(history.states[1]).toBe(rowStates.absent);
    expect(history.params.get('x')?.values[1]).toBeNaN();
    update(history, { ...withX(1, 0.65), trialId: 50 });
    expect(history.values[0]?.[1]).toBe(0.65);
    // The same when the deletion and its successor are told at once.
    update(history, { ...withX(1, 0.66), trialId: 51 });
    expect(history.values[0]?.[1]).toBe(0.66);
    expect(history.nFinished).toBe(2);
  });

  it('grows beyond its first capacity', () => {
    const history = new StudyHistory(['minimize']);
    const trials = Array.from({ length: 1000 }, (_, number) => withX(number, number / 1000));
    for (const trial of trials) update(history, trial);
    const whole = new StudyHistory(['minimize']);
    update(whole, ...trials);
    expect(contentOf(history)).toEqual(contentOf(whole));
    expect(history.params.get('x')?.values[999]).toBe(0.999);
  });

  it('holds what was told last, whatever came before', () => {
    const change = fc.record({
      number: fc.nat(8),
      state: fc.constantFrom(...trialStates),
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      names: fc.subarray(['x', 'y', 'z']),
      isDeleted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 50 }), (changes) => {
        const history = new StudyHistory(['minimize']);
        const current = new Map<number, FrozenTrial>();
        changes.forEach(({ number, state, value, names, isDeleted }, i) => {
          const known = current.get(number);
          if (known && isDeleted) {
            history.update({ trials: [], deletedTrialIds: [known.trialId] });
            current.delete(number);
          } else if (!known || !isFinished(known.state)) {
            const trial = frozenTrial({
              number,
              trialId: known?.trialId ?? i + 1,
              state,
              values: state === 'complete' ? [value] : null,
              params: Object.fromEntries(names.map((name) => [name, value])),
              distributions: Object.fromEntries(names.map((name) => [name, x])),
            });
            current.set(number, trial);
            update(history, trial);
          }
        });
        const fresh = new StudyHistory(['minimize']);
        update(fresh, ...current.values());
        expect(contentOf(history)).toEqual(contentOf(fresh));
      }),
    );
  });
});
