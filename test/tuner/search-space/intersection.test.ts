import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  firstValue,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import { groupedSearchSpaces } from '../../../src-main/tuner/search-space/groups.ts';
import { intersectionSearchSpace } from '../../../src-main/tuner/search-space/intersection.ts';
import { StudyHistory } from '../../../src-main/tuner/study/study-history.ts';
import type { TrialState } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../helpers/frozen-trial.ts';

const x = createFloatDistribution(0, 1);
const wideX = createFloatDistribution(0, 2);
const n = createIntDistribution(1, 5);
const c = createCategoricalDistribution(['a', 'b']);

function historyOf(
  ...spaces: (Record<string, Distribution> | [TrialState, Record<string, Distribution>])[]
) {
  const history = new StudyHistory(['minimize']);
  const add = (...more: typeof spaces) => {
    for (const one of more) {
      const [state, distributions] = Array.isArray(one) ? one : (['complete', one] as const);
      const params = Object.fromEntries(
        Object.entries(distributions).map(([name, each]) => [name, firstValue(each)]),
      );
      const number = history.nRows;
      history.update({
        trials: [frozenTrial({ number, state, values: [0], params, distributions })],
        deletedTrialIds: [],
      });
    }
  };
  add(...spaces);
  return { history, add };
}

describe('intersectionSearchSpace', () => {
  it('has what all complete trials have, by name', () => {
    const { history, add } = historyOf();
    expect(intersectionSearchSpace(history)).toEqual({});
    add({ x, c, n });
    expect(Object.keys(intersectionSearchSpace(history))).toEqual(['c', 'n', 'x']);
    add({ x, n });
    expect(intersectionSearchSpace(history)).toEqual({ n, x });
    add({ x, c, n: createIntDistribution(1, 5) });
    expect(intersectionSearchSpace(history)).toEqual({ n, x });
    add({ x: wideX, n });
    expect(intersectionSearchSpace(history)).toEqual({ n });
    add({ x });
    expect(intersectionSearchSpace(history)).toEqual({});
    add({ x, n });
    expect(intersectionSearchSpace(history)).toEqual({});
  });

  it('counts pruned trials only when told to, and others never', () => {
    const { history } = historyOf({ x, n }, ['pruned', { x }], ['fail', {}], ['running', { c }]);
    expect(intersectionSearchSpace(history)).toEqual({ n, x });
    expect(intersectionSearchSpace(history, { withPruned: true })).toEqual({ x });
  });

  it('forgets a deleted trial', () => {
    const { history } = historyOf({ x, n }, { x, c });
    expect(intersectionSearchSpace(history)).toEqual({ x });
    history.update({ trials: [], deletedTrialIds: [2] });
    expect(intersectionSearchSpace(history)).toEqual({ n, x });
    history.update({ trials: [], deletedTrialIds: [1] });
    expect(intersectionSearchSpace(history)).toEqual({});
  });
});

describe('groupedSearchSpaces', () => {
  const names = (history: StudyHistory) =>
    groupedSearchSpaces(history).map((group) => Object.keys(group).join(''));

  it('divides parameters until each trial has whole groups', () => {
    const { history, add } = historyOf();
    expect(names(history)).toEqual([]);
    add({ a: x, b: x });
    expect(names(history)).toEqual(['ab']);
    add({ a: x, b: x, c: x });
    expect(names(history)).toEqual(['ab', 'c']);
    add({ a: x, d: x });
    expect(names(history)).toEqual(['a', 'b', 'c', 'd']);
    add({});
    expect(names(history)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not divide alternatives', () => {
    const { history } = historyOf(
      { kind: c, a: x, b: x },
      { kind: c, d: x },
      { kind: c, a: x, b: x },
    );
    expect(names(history)).toEqual(['ab', 'd', 'kind']);
  });

  it('takes the latest distributions', () => {
    const { history } = historyOf({ a: x }, { a: wideX });
    expect(groupedSearchSpaces(history)).toEqual([{ a: wideX }]);
  });

  it('forgets a deleted trial', () => {
    const { history } = historyOf({ a: x, b: x }, { a: x });
    expect(names(history)).toEqual(['a', 'b']);
    history.update({ trials: [], deletedTrialIds: [2] });
    expect(names(history)).toEqual(['ab']);
  });
});
