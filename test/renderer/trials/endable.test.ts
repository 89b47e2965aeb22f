import { expect, it } from 'vitest';

import type { RunStatus } from '../../../src-main/contract/runs.ts';
import { endableTrials } from '../../../src-renderer/trials/endable.ts';
import { toView } from '../helpers/trial-columns.ts';

const view = toView([
  { number: 0, state: 'complete' },
  { number: 1, state: 'running' },
  { number: 2, state: 'running' },
  { number: 4, state: 'waiting' },
]);
const all = [0, 1, 2, 3, 4];
const run = (endedAtMs: number | null): RunStatus =>
  ({ runningTrials: [{ trialNumber: 2 }], endedAtMs }) as unknown as RunStatus;

it('stops what runs here, and fails what was left behind', () => {
  expect(endableTrials(view, null, all)).toEqual({ stoppable: [], failable: [1, 2, 4] });
  // The run could take the waiting one at any moment.
  expect(endableTrials(view, run(null), all)).toEqual({ stoppable: [2], failable: [1] });
  expect(endableTrials(view, { ...run(5), runningTrials: [] }, all)).toEqual({
    stoppable: [],
    failable: [1, 2, 4],
  });
});
