/** An objective of a user's own that does what its parameter "deed" says. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModuleContext } from '../../../../src-main/training/objectives/module.ts';
import type { Trial } from '../../../../src-main/tuner/trial/trial.ts';

const deeds = ['value', 'values', 'prune', 'own-prune', 'nothing', 'nan', 'throw', 'loop', 'hoard'];
const hoard: Float64Array[] = [];

export async function objective(
  trial: Trial,
  { signal, seed, TrialPruned }: ModuleContext,
): Promise<unknown> {
  const deed = await trial.suggestCategorical('deed', [...deeds, 'print', 'wait']);
  switch (deed) {
    case 'value':
      await trial.setUserAttr('pid', process.pid);
      await trial.setUserAttr('seed', seed);
      await trial.setUserAttr('threads', process.env.OMP_NUM_THREADS ?? null);
      await trial.report(0.5, 3);
      return 0.25;
    case 'values':
      return [1, 2];
    case 'prune':
      for (let step = 0; ; step++) {
        await trial.report(step, step);
        if (await trial.shouldPrune()) throw new TrialPruned();
      }
    case 'own-prune':
      throw Object.assign(new Error('enough'), { name: 'TrialPruned' });
    case 'nan':
      return NaN;
    case 'throw':
      console.error('about to fail');
      throw new RangeError('no good');
    case 'loop':
      console.log(`pid ${process.pid}`);
      for (;;);
    case 'hoard':
      // Outside of the heap, whose limit Node keeps by itself.
      for (;;) hoard.push(new Float64Array(1e6).fill(1));
    case 'print':
      process.stdout.write('one\ntwo, ');
      await sleep(50);
      process.stdout.write('three\n');
      await sleep(50);
      return 1;
    case 'wait':
      await sleep(60_000, undefined, { signal });
  }
  return undefined;
}
