import { TrialPruned } from '../tuner/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { TrialFailedError } from './errors.ts';
import type { TrialFailure } from './errors.ts';
import { EpochGatherer } from './epoch-batch.ts';
import type { ObjectiveRun, PreparedObjective } from './objectives/objective.ts';
import { RemoteTrial } from './remote-trial.ts';
import type { CallParent, ReportAhead } from './remote-trial.ts';
import { fromWireError, toWireError } from './worker-protocol.ts';
import type {
  ChildMessage,
  ChildPort,
  Outcome,
  TrialCall,
  TrialStart,
  WorkerSetup,
} from './worker-protocol.ts';

/** Reading the size of the process costs some microseconds, so it is not done for every epoch. */
const MEMORY_CHECK_INTERVAL_MS = 200;

/** The child's side: sets the objective up, then runs trials as they come, one at a time. */
export function serveTrials(
  port: ChildPort,
  prepare: (setup: WorkerSetup) => Promise<PreparedObjective>,
): void {
  const calls = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  let nCalls = 0;
  let objective: PreparedObjective | undefined;
  let checkMemory = (): void => {};
  let running: AbortController | undefined;

  const epochs = new EpochGatherer((batch) => port.send({ type: 'epochs', batch }));

  /** After all that was said before. */
  const send = (message: ChildMessage): void => {
    epochs.flush();
    port.send(message);
  };

  const call: CallParent = (method, args) =>
    new Promise((resolve, reject) => {
      const id = nCalls++;
      calls.set(id, { resolve, reject });
      send({ type: 'call', id, call: { method, args } as TrialCall });
    });

  const cancel = (): void => {
    const reason = new Error('The trial was cancelled.');
    running?.abort(reason);
    for (const { reject } of calls.values()) reject(reason);
    calls.clear();
    epochs.giveUp(reason);
  };

  const run = async (trial: TrialStart): Promise<void> => {
    running = new AbortController();
    const { signal } = running;
    epochs.start();
    const outcome = await runTrial(objective as PreparedObjective, trial, {
      call,
      signal,
      reportAhead: (value, step) => epochs.report(value, step),
      onEpoch: (epoch) => {
        epochs.addEpoch(epoch);
        checkMemory();
      },
      beforeSilence: (expectedMs) => epochs.beforeSilence(expectedMs),
    });
    running = undefined;
    send({ type: 'finished', outcome });
  };

  port.onMessage((message) => {
    switch (message.type) {
      case 'setup':
        checkMemory = createMemoryCheck(message.setup.memoryLimitBytes);
        prepare(message.setup).then(
          (prepared) => {
            objective = prepared;
            port.send({ type: 'ready', decision: prepared.decision });
          },
          (error: unknown) => port.send({ type: 'unready', error: toWireError(error) }),
        );
        break;
      case 'run':
        void run(message.trial);
        break;
      case 'cancel':
        cancel();
        break;
      case 'reply':
        calls.get(message.id)?.resolve(message.result as never);
        calls.delete(message.id);
        break;
      case 'refusal':
        calls.get(message.id)?.reject(fromWireError(message.error));
        calls.delete(message.id);
        break;
      case 'answer':
        epochs.onAnswer(message.id, message.end);
        break;
    }
  });
}

interface TrialContext extends Pick<ObjectiveRun, 'signal' | 'onEpoch' | 'beforeSilence'> {
  readonly call: CallParent;
  readonly reportAhead: ReportAhead;
}

/** One trial, whatever comes of it. */
export async function runTrial(
  objective: Pick<PreparedObjective, 'run'>,
  start: TrialStart,
  { call, reportAhead, ...context }: TrialContext,
): Promise<Outcome> {
  let checkpoint: Checkpoint | null = null;
  const trial = new RemoteTrial(start, call, reportAhead);
  try {
    const values = await objective.run(trial, {
      ...context,
      keepWeights: start.keepWeights,
      nEpochs: start.nEpochs,
      onCheckpoint: (learned) => (checkpoint = learned),
    });
    return { state: 'complete', values, checkpoint, userAttrs: trial.lastWords };
  } catch (error) {
    if (context.signal.aborted) return { state: 'cancelled' };
    if (isPruned(error))
      return { state: 'pruned', message: error.message, userAttrs: trial.lastWords };
    return { state: 'fail', failure: classify(error), error: toWireError(error) };
  }
}

/** By its name too: a module may throw one of its own making, such as that of another copy of this library. */
function isPruned(error: unknown): error is Error {
  return error instanceof TrialPruned || (error instanceof Error && error.name === 'TrialPruned');
}

function classify(error: unknown): TrialFailure {
  if (error instanceof TrialFailedError) return error.failure;
  const isAllocation =
    error instanceof RangeError && /allocation failed|out of memory/i.test(error.message);
  return isAllocation ? 'memory' : 'exception';
}

function createMemoryCheck(limitBytes: number | null): () => void {
  let checkedAt = 0;
  if (limitBytes === null) return () => {};
  return () => {
    if (performance.now() - checkedAt < MEMORY_CHECK_INTERVAL_MS) return;
    checkedAt = performance.now();
    const usedBytes = process.memoryUsage.rss();
    if (usedBytes > limitBytes)
      throw new TrialFailedError(
        'memory',
        `The trial's process took ${toMegabytes(usedBytes)} MB of memory; its limit is ${toMegabytes(limitBytes)} MB.`,
      );
  };
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
