/**
 * A process of its own that works on a study file, told by messages what to do. It says what it has done only when the storage has said so.
 */
import { openStorage } from '../../../src-main/open-storage.ts';
import { createFloatDistribution } from '../../../src-main/tuner/distributions.ts';

/** What the parent sends. */
export type Request =
  /** Run this many trials, the waiting ones first. */
  | { type: 'run'; nTrials: number }
  /** Run trials until killed. */
  | { type: 'runForever' }
  /** Start a trial with the parameter `x`, and go on living. */
  | { type: 'start' }
  | { type: 'count' };

/** What it answers. */
export type Report =
  | { type: 'ready' }
  | { type: 'started'; trialId: number; trialNumber: number }
  | { type: 'finished'; trialNumber: number; value: number }
  | { type: 'ran'; trialNumbers: number[] }
  | { type: 'counted'; nTrials: number }
  | { type: 'failed'; message: string };

const unit = createFloatDistribution(0, 1);

if (process.send) {
  const storage = await openStorage(process.argv[2] as string);
  const studyId = await storage.getStudyId('study');

  const report = (message: Report): void => void process.send?.(message);

  const start = async (): Promise<{ trialId: number; number: number; x: number }> => {
    const trial =
      (await storage.claimWaitingTrial(studyId)) ?? (await storage.createTrial(studyId));
    const x = Math.random();
    await storage.setTrialParam(trial.trialId, 'x', x, unit);
    report({ type: 'started', trialId: trial.trialId, trialNumber: trial.number });
    return { ...trial, x };
  };

  const runOne = async (): Promise<number> => {
    const { trialId, number, x } = await start();
    await storage.setTrialUserAttr(trialId, `run by ${process.pid}`, true);
    for (let step = 0; step < 3; step++)
      await storage.setTrialIntermediateValue(trialId, step, x + step);
    await storage.finishTrial(trialId, 'complete', [x]);
    report({ type: 'finished', trialNumber: number, value: x });
    return number;
  };

  const serve = async (request: Request): Promise<void> => {
    switch (request.type) {
      case 'run': {
        const trialNumbers: number[] = [];
        for (let i = 0; i < request.nTrials; i++) {
          trialNumbers.push(await runOne());
          await new Promise((resolve) => setImmediate(resolve));
        }
        return report({ type: 'ran', trialNumbers });
      }
      case 'runForever':
        for (;;) {
          await runOne();
          await new Promise((resolve) => setImmediate(resolve));
        }
      case 'start':
        await start();
        return;
      case 'count':
        return report({ type: 'counted', nTrials: await storage.countTrials(studyId) });
    }
  };

  process.on('message', (request: Request) => {
    serve(request).catch((error: unknown) => report({ type: 'failed', message: String(error) }));
  });
  // An orphan must not outlive the test.
  process.on('disconnect', () => process.exit());
  report({ type: 'ready' });
}
