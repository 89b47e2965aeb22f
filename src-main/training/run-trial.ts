import { TrialPruned } from '../tuner/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { TrialFailedError } from './errors.ts';
import type { TrialFailure } from './errors.ts';
import type { PreparedObjective } from './objectives/objective.ts';
import { RemoteTrial } from './remote-trial.ts';
import type { CallParent } from './remote-trial.ts';
import { fromWireError, toWireError } from './worker-protocol.ts';
import type { ChildPort, Outcome, TrialCall, TrialStart, WorkerSetup } from './worker-protocol.ts';

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

  const call: CallParent = (method, args) =>
    new Promise((resolve, reject) => {
      const id = nCalls++;
      calls.set(id, { resolve, reject });
      port.send({ type: 'call', id, call: { method, args } as TrialCall });
    });

  const cancel = (): void => {
    running?.abort(new Error('The trial was cancelled.'));
    for (const { reject } of calls.values()) reject(new Error('The trial was cancelled.'));
    calls.clear();
  };

  const run = async (trial: TrialStart): Promise<void> => {
    running = new AbortController();
    const { signal } = running;
    const outcome = await runTrial(objective as PreparedObjective, trial, {
      call,
      signal,
      onEpoch: (epoch) => {
        port.send({ type: 'epoch', epoch });
        checkMemory();
      },
    });
    running = undefined;
    port.send({ type: 'finished', outcome });
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
    }
  });
}

/** One trial, whatever comes of it. */
export async function runTrial(
  objective: Pick<PreparedObjective, 'run'>,
  start: TrialStart,
  {
    call,
    signal,
    onEpoch,
  }: { call: CallParent; signal: AbortSignal } & Parameters<PreparedObjective['run']>[1],
): Promise<Outcome> {
  let checkpoint: Checkpoint | null = null;
  const trial = new RemoteTrial(start, call);
  try {
    const values = await objective.run(trial, {
      signal,
      onEpoch,
      keepWeights: start.keepWeights,
      nEpochs: start.nEpochs,
      onCheckpoint: (learned) => (checkpoint = learned),
    });
    return { state: 'complete', values, checkpoint, userAttrs: trial.lastWords };
  } catch (error) {
    if (signal.aborted) return { state: 'cancelled' };
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
