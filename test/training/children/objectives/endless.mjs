/** Trial 0 reports and trial 1 does not; both go on until they are stopped. All others end at once. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function objective(trial, { signal }) {
  if (trial.number === 0) await trial.report(0.5, 3);
  if (trial.number < 2) await sleep(600_000, undefined, { signal });
  return 1;
}
