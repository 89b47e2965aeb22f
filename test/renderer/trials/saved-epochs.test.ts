import { describe, expect, it } from 'vitest';

import { savedEpochs } from '../../../src-renderer/trials/saved-epochs.ts';
import { toView } from '../helpers/trial-columns.ts';

const reports = (n: number): [number, number][] =>
  Array.from({ length: n }, (_, step) => [step, 0.5]);
const view = toView(
  [
    { number: 0, values: [1], intermediate: reports(7) },
    { number: 1, state: 'pruned', values: [1], intermediate: reports(3) },
    { number: 2, state: 'pruned', values: [1], intermediate: reports(2) },
    { number: 3, state: 'fail', intermediate: reports(1) },
    { number: 4, state: 'running', intermediate: reports(4) },
  ],
  {},
);
/** Of what the main side keeps that which says how long a trial may be. */
const spec = (epochs: unknown, split: object = { fractions: { train: 0.6, validation: 0.4 } }) => ({
  training: { epochs },
  data: { split },
});

describe('savedEpochs', () => {
  it('counts what pruned trials did not train, and what all trained', () => {
    expect(savedEpochs(spec(10), view)).toEqual({ saved: 15, trained: 17 });
  });

  it('takes the most that a trial might have had where that is searched', () => {
    expect(savedEpochs(spec({ int: [5, 20] }), view)?.saved).toBe(35);
    expect(savedEpochs(spec({ choices: [4, 10, 8] }), view)?.saved).toBe(15);
  });

  it('never counts less than nothing of a trial', () => {
    const shown = toView([{ number: 0, state: 'pruned', intermediate: reports(12) }], {});
    expect(savedEpochs(spec(10), shown)).toEqual({ saved: 0, trained: 12 });
  });

  it('counts by folds, with all repeats, where trials report those', () => {
    expect(savedEpochs(spec(10, { folds: 3, repeats: 2 }), view)).toEqual({
      saved: 70,
      trained: 170,
    });
    expect(savedEpochs(spec(10, { folds: 3, repeats: 1 }), view)).toEqual({
      saved: 10,
      trained: 170,
    });
  });

  it('says nothing of studies that do not say how many epochs there are', () => {
    expect(savedEpochs(null, view)).toBeNull();
    expect(savedEpochs({ run: { command: 'x' } }, view)).toBeNull();
  });
});
