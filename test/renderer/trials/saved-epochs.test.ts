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

describe('savedEpochs', () => {
  it('counts what pruned trials did not train, and what all trained', () => {
    expect(savedEpochs({ training: { epochs: 10 } }, view)).toEqual({ saved: 15, trained: 17 });
  });

  it('takes the most that a trial might have had where that is searched', () => {
    const saved = (epochs: unknown) => savedEpochs({ training: { epochs } }, view)?.saved;
    expect(saved({ int: [5, 20] })).toBe(35);
    expect(saved({ choices: [4, 10, 8] })).toBe(15);
  });

  it('counts by folds where trials report those', () => {
    const spec = { training: { epochs: 10 }, data: { split: { folds: 3, repeats: 2 } } };
    expect(savedEpochs(spec, view)).toEqual({ saved: 70, trained: 170 });
  });

  it('says nothing of studies that do not say how many epochs there are', () => {
    expect(savedEpochs(null, view)).toBeNull();
    expect(savedEpochs({ run: { command: 'x' } }, view)).toBeNull();
  });
});
