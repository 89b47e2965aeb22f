/** A training child whose trials misbehave as their parameter "deed" says. The real protocol, port and process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { processPort } from '../../../src-main/training/process-port.ts';
import { reportAhead, reportAndShouldPrune } from '../../../src-main/training/remote-trial.ts';
import { serveTrials } from '../../../src-main/training/run-trial.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';

if (process.env.PARZEN_TEST_START === 'exit') process.exit(3);
if (process.env.PARZEN_TEST_START === 'hang') await sleep(60_000);

const hoard: unknown[] = [];

serveTrials(processPort(), async () => ({
  decision: { backend: 'cpu', engine: 'tfjs', reason: `process ${process.pid}` },
  async run(trial, { signal, onEpoch, beforeSilence }) {
    const deed = await trial.suggestCategorical('deed', [String(trial.params.deed)]);
    switch (deed) {
      case 'exit':
        process.stderr.write('about to leave\n');
        return process.exit(7);
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        return sleep(60_000, 0);
      case 'report and kill':
        // Goes on without waiting for answers, as children that train ahead do.
        for (const step of [0, 1, 2]) trial.report(step / 10, step).catch(() => {});
        await sleep(50);
        process.kill(process.pid, 'SIGKILL');
        return sleep(60_000, 0);
      case 'go on and kill':
        // Trains ahead of the answer, which prunes, and dies of it.
        await reportAndShouldPrune(trial, 0.1, 0);
        process.kill(process.pid, 'SIGKILL');
        return sleep(60_000, 0);
      case 'train ahead':
      case 'train ahead and kill': {
        // Ten epochs in one message, then two that are still kept back.
        await trial.setUserAttr('pid', process.pid);
        const ahead = Array.from({ length: 10 }, (_, epoch) => {
          onEpoch({
            epoch,
            trainLoss: epoch / 7,
            trainAccuracy: epoch % 2 === 0 ? null : 0.25,
            valLoss: -Infinity,
            valAccuracy: NaN,
            seconds: 0,
          });
          return reportAhead(trial, epoch === 1 ? NaN : epoch / 10, epoch);
        });
        beforeSilence?.(Infinity);
        const answers = await Promise.all(ahead);
        if (answers.includes(true)) throw new TrialPruned(`Pruned: ${answers.join()}`);
        for (const epoch of [10, 11]) reportAhead(trial, epoch / 10, epoch).catch(() => {});
        if (deed === 'train ahead') return 3;
        process.kill(process.pid, 'SIGKILL');
        return sleep(60_000, 0);
      }
      case 'hang':
        for (;;);
      case 'eat':
        for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
      case 'throw':
        throw new RangeError('no good');
      case 'prune':
        throw new TrialPruned('enough');
      case 'wait':
        await sleep(60_000, undefined, { signal });
        return 0;
      case 'report':
        for (let epoch = 0; epoch < 3; epoch++) {
          onEpoch({
            epoch,
            trainLoss: NaN,
            trainAccuracy: null,
            valLoss: Infinity,
            valAccuracy: 0.5,
            seconds: 0,
          });
          await trial.report(epoch / 10, epoch);
          if (await trial.shouldPrune()) throw new TrialPruned();
        }
        await trial.setUserAttr('pid', process.pid);
        return [1, -Infinity];
      default:
        await trial.setUserAttr('pid', process.pid);
        return trial.number;
    }
  },
}));
