import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrialSplit, selectBest } from '../../../../src-main/tuner/samplers/tpe/split.ts';
import { StudyHistory } from '../../../../src-main/tuner/study/study-history.ts';
import type { FrozenTrial, TrialState } from '../../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../../helpers/frozen-trial.ts';
import { readReferenceNumbers } from '../../../helpers/reference.ts';

interface Splits {
  cases: {
    case: number;
    direction: 'minimize' | 'maximize';
    n_below: number;
    trials: {
      number: number;
      state: string;
      value: number | null;
      intermediate_values: Record<string, number>;
    }[];
    below: number[];
    above: number[];
  }[];
}

function split(history: StudyHistory, nBelow: number): { below: number[]; above: number[] } {
  const trialSplit = new TrialSplit(history);
  trialSplit.refresh(nBelow, true, -1);
  return { below: [...trialSplit.below], above: trialSplit.above() };
}

function historyOf(
  trials: readonly FrozenTrial[],
  directions: StudyHistory['directions'] = ['minimize'],
): StudyHistory {
  const history = new StudyHistory(directions);
  history.update({ trials, deletedTrialIds: [] });
  return history;
}

describe('TrialSplit', () => {
  const { cases } = readReferenceNumbers<Splits>('optuna-5.0/tpe_splits.json');

  it.each(cases)(
    "agrees with Optuna's case $case, $direction, $n_below below",
    ({ direction, n_below, trials, below, above }) => {
      const frozen = trials.map((trial) =>
        frozenTrial({
          number: trial.number,
          state: trial.state.toLowerCase() as TrialState,
          values: trial.value === null ? null : [trial.value],
          intermediateValues: new Map(
            Object.entries(trial.intermediate_values).map(([step, value]) => [Number(step), value]),
          ),
        }),
      );
      expect(split(historyOf(frozen, [direction]), n_below)).toEqual({ below, above });
    },
  );

  it('puts infeasible trials last, those that violate least first', () => {
    const violating = (number: number, ...constraints: number[]) =>
      frozenTrial({ number, values: [-number], systemAttrs: { constraints } });
    const history = historyOf([
      violating(0, 3),
      violating(1, -5, 0),
      violating(2, 1, 1),
      violating(3, 0.5, -9),
      frozenTrial({ number: 4, values: [9] }),
      frozenTrial({ number: 5, state: 'pruned', intermediateValues: new Map([[0, 1]]) }),
    ]);
    expect(split(history, 1).below).toEqual([1]);
    expect(split(history, 4).below).toEqual([1, 3, 4, 5]);
    expect(split(history, 5).below).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts running trials as bad ones, but not the one to be sampled for', () => {
    const history = historyOf([
      frozenTrial({ number: 0, values: [1] }),
      frozenTrial({ number: 1, state: 'running' }),
      frozenTrial({ number: 2, state: 'running' }),
      frozenTrial({ number: 3, state: 'fail' }),
    ]);
    const trialSplit = new TrialSplit(history);
    trialSplit.refresh(1, true, 2);
    expect(trialSplit.above()).toEqual([1]);
    trialSplit.refresh(1, true, 1);
    expect(trialSplit.above()).toEqual([2]);
    trialSplit.refresh(1, false, 1);
    expect(trialSplit.above()).toEqual([]);
  });

  it('follows the history as if it had read it at once', () => {
    const state = fc.constantFrom<TrialState>('complete', 'pruned', 'fail', 'running', 'waiting');
    const trial = fc.record({ state, value: fc.integer({ min: 0, max: 5 }), violation: fc.nat(2) });
    fc.assert(
      fc.property(
        fc.array(fc.record({ number: fc.nat(15), trial, isDeleted: fc.boolean() }), {
          maxLength: 60,
        }),
        fc.nat(6),
        (changes, nBelow) => {
          const history = new StudyHistory(['minimize']);
          const followed = new TrialSplit(history);
          const current = new Map<number, FrozenTrial>();
          changes.forEach(({ number, trial: { state, value, violation }, isDeleted }, i) => {
            const known = current.get(number);
            const isOver = known && ['complete', 'pruned', 'fail'].includes(known.state);
            if (known && isDeleted) {
              history.update({ trials: [], deletedTrialIds: [known.trialId] });
              current.delete(number);
            } else if (!isOver) {
              const frozen = frozenTrial({
                number,
                trialId: known?.trialId ?? i + 1,
                state,
                values: state === 'complete' ? [value] : null,
                intermediateValues: new Map(state === 'pruned' ? [[value, 1]] : []),
                systemAttrs: { constraints: [violation - 1] },
              });
              current.set(number, frozen);
              history.update({ trials: [frozen], deletedTrialIds: [] });
            }
            followed.refresh(nBelow, true, -1);
          });
          const fresh = split(historyOf([...current.values()]), nBelow);
          expect({ below: [...followed.below], above: followed.above() }).toEqual(fresh);
        },
      ),
    );
  });
});

describe('TrialSplit with several objectives', () => {
  interface MultiObjective {
    cases: {
      n_objectives: number;
      kind: string;
      losses: number[][];
      splits: { n_below: number; below: number[] }[];
    }[];
  }
  const { cases } = readReferenceNumbers<MultiObjective>('optuna-5.0/multi_objective.json');

  it.each(cases)(
    "agrees with Optuna's for $losses.length $kind points, $n_objectives objectives",
    ({ losses, splits }) => {
      const trials = losses.map((loss, number) =>
        frozenTrial({ number, values: loss.map((value, k) => (k === 0 ? value : -value)) }),
      );
      const directions = (losses[0] ?? []).map((_, k) => (k === 0 ? 'minimize' : 'maximize'));
      for (const { n_below, below } of splits)
        expect(split(historyOf(trials, directions), n_below).below).toEqual(below);
    },
  );

  it('takes nobody, or everybody, when asked to', () => {
    const losses = Float64Array.of(5, 2, 1, 4, 3, 4.5, 4, 1);
    expect(selectBest(losses, 2, 0)).toEqual([]);
    expect(selectBest(losses, 2, 4).sort()).toEqual([0, 1, 2, 3]);
  });
});
