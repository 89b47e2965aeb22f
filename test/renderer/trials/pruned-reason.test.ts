import { describe, expect, it } from 'vitest';

import type { TrialCurves } from '../../../src-main/contract/trials.ts';
import { prunedReason } from '../../../src-renderer/trials/pruned-reason.ts';
import { toView } from '../helpers/trial-columns.ts';

const curves: TrialCurves = {
  numbers: Int32Array.of(0, 1, 2, 3, 4),
  offsets: Int32Array.of(0, 3, 6, 8, 10, 10),
  steps: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 0, 1),
  values: Float64Array.of(0.1, 0.5, 0.9, 0.2, 0.7, 0.9, 0.4, 0.3, 0.3, 0.6),
};
const view = toView([
  { number: 0, values: [0.9] },
  { number: 1, values: [0.9] },
  { number: 2, state: 'pruned', values: [0.3] },
  { number: 3, state: 'pruned', values: [0.6] },
  { number: 4, state: 'pruned' },
]);

describe('prunedReason', () => {
  it('compares the best report with the median of complete trials at that step', () => {
    expect(prunedReason(curves, view, 2, 'maximize')).toEqual({
      step: 1,
      ownBest: 0.4,
      median: 0.6,
      nOthers: 2,
    });
    expect(prunedReason(curves, view, 2, 'minimize')?.ownBest).toBe(0.3);
  });

  it('says when no complete trial came that far, and nothing for a trial without reports', () => {
    const early = toView([{ number: 2, state: 'pruned', values: [0.3] }]);
    expect(prunedReason(curves, early, 2, 'maximize')).toMatchObject({ median: null, nOthers: 0 });
    expect(prunedReason(curves, view, 4, 'maximize')).toBeNull();
    expect(prunedReason(curves, view, 99, 'maximize')).toBeNull();
  });
});
