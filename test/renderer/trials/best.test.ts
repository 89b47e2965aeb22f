import { describe, expect, it } from 'vitest';

import { bestOf, bestRows } from '../../../src-renderer/trials/best.ts';
import { conditionalHistory, flatHistory, toView } from '../helpers/trial-columns.ts';

describe('bestOf', () => {
  it('finds the best of the reference histories', () => {
    for (const [history, direction] of [
      [flatHistory(), 'minimize'],
      [conditionalHistory(), 'maximize'],
    ] as const) {
      const values = history.trials
        .filter(({ state }) => state === 'complete')
        .map(({ values }) => values?.[0] as number);
      const expected = direction === 'minimize' ? Math.min(...values) : Math.max(...values);
      expect(bestOf(toView(history.trials, history.distributions), direction)?.value).toBe(
        expected,
      );
    }
  });

  it('counts neither pruned nor failed nor infeasible trials, and names the first of several', () => {
    const view = toView([
      { number: 0, state: 'pruned', values: [-9] },
      { number: 1, values: [-8], isFeasible: false },
      { number: 2, state: 'fail' },
      { number: 3, values: [1] },
      { number: 4, values: [0] },
      { number: 5, values: [0] },
    ]);
    expect(bestOf(view, 'minimize')).toEqual({ value: 0, row: 4, tiedRows: [4, 5] });
    expect(bestOf(view, 'maximize')).toEqual({ value: 1, row: 3, tiedRows: [3] });
  });

  it('is null while no trial counts', () => {
    expect(bestOf(toView([]), 'minimize')).toBeNull();
    expect(bestOf(toView([{ number: 0, state: 'running' }]), 'minimize')).toBeNull();
  });

  it('survives infinite values', () => {
    const view = toView([
      { number: 0, values: [Infinity] },
      { number: 1, values: [Infinity] },
    ]);
    expect(bestOf(view, 'minimize')).toEqual({ value: Infinity, row: 0, tiedRows: [0, 1] });
  });
});

describe('bestRows', () => {
  it('is the Pareto front of feasible complete trials', () => {
    const view = toView([
      { number: 0, values: [1, 5] },
      { number: 1, values: [2, 2] },
      { number: 2, values: [3, 3] },
      { number: 3, values: [0, 0], isFeasible: false },
      { number: 4, values: [5, 1] },
    ]);
    expect(bestRows(view, ['minimize', 'minimize'])).toEqual([0, 1, 4]);
  });
});
