import type { EpochReport, RunningTrial } from '../contract/runs.ts';
import { TrialFailedError } from '../training/errors.ts';
import { TrialNotFoundError, TrialPruned } from '../tuner/errors.ts';
import { isRunBy } from '../tuner/storages/process-info.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import type { LocalTrial } from '../tuner/trial/local-trial.ts';
import { ServiceError } from './errors.ts';
import { STOPPED } from './failed-trials.ts';

const BY_HAND = 'It was stopped by hand.';
/** How often it is asked whether they still are this run's to run. */
const LOOK_INTERVAL_MS = 1000;

/** Why a trial is given up that somebody else has ended, put back or deleted. */
export class TrialLostError extends Error {}

interface AtWork {
  readonly trial: LocalTrial;
  readonly stop: AbortController;
  shown: RunningTrial;
}

/** The trials that a run has at work, each of which can be ended alone: by the user, or because it is not this run's any more. */
export class RunningTrials {
  readonly #storage: () => Storage;
  readonly #trials = new Map<number, AtWork>();
  #looking: NodeJS.Timeout | null = null;

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  list(): RunningTrial[] {
    return [...this.#trials.values()].map(({ shown }) => shown);
  }

  /** @returns What ends it before it ends by itself; the reason is what its objective is to reject with. */
  begin(trial: LocalTrial): AbortSignal {
    const stop = new AbortController();
    const params = { ...trial.params };
    const shown = { trialNumber: trial.number, params, startedAtMs: Date.now(), lastEpoch: null };
    this.#trials.set(trial.number, { trial, stop, shown });
    this.#looking ??= setInterval(() => void this.#look().catch(() => {}), LOOK_INTERVAL_MS);
    return stop.signal;
  }

  show(lastEpoch: EpochReport): void {
    const atWork = this.#trials.get(lastEpoch.trialNumber);
    if (atWork) atWork.shown = { ...atWork.shown, params: { ...atWork.trial.params }, lastEpoch };
  }

  end(trial: LocalTrial): void {
    // One that was put back elsewhere may have come here a second time.
    if (this.#trials.get(trial.number)?.trial === trial) this.#trials.delete(trial.number);
    if (this.#trials.size > 0 || !this.#looking) return;
    clearInterval(this.#looking);
    this.#looking = null;
  }

  /** @throws ServiceError `NO_RUN` when the trial does not run here. */
  async stop(trialNumber: number): Promise<void> {
    const running = this.#trials.get(trialNumber);
    if (!running)
      throw new ServiceError('NO_RUN', `Trial ${trialNumber} is not running here any more.`);
    const { trial, stop } = running;
    await trial.setSystemAttr(STOPPED, true);
    const { intermediateValues } = await this.#storage().getTrial(trial.trialId, {
      asKnown: true,
    });
    stop.abort(
      intermediateValues.size > 0
        ? new TrialPruned(BY_HAND)
        : new TrialFailedError('stopped', BY_HAND),
    );
  }

  /** A trial that does not report would else go on to its end for nothing. What cannot be read now can be at the next look. */
  async #look(): Promise<void> {
    for (const { trial, stop } of [...this.#trials.values()]) {
      const frozen = await findTrial(this.#storage(), trial);
      if (!frozen || !isRunBy(frozen, trial.ownerId)) stop.abort(new TrialLostError());
    }
  }
}

/** What somebody else has made of a trial that ran here. */
export async function describeLost(storage: Storage, trial: LocalTrial): Promise<string> {
  const state = (await findTrial(storage, trial))?.state;
  return `Trial ${trial.number} was ${state ? fates[state] : 'deleted'} elsewhere while it ran here, so what came of it here does not count.`;
}

const fates: Readonly<Record<FrozenTrial['state'], string>> = {
  fail: 'set to failed',
  pruned: 'ended as pruned',
  complete: 'ended as complete',
  waiting: 'put back into the queue',
  running: 'put back into the queue and taken from it',
};

async function findTrial(storage: Storage, { trialId }: LocalTrial): Promise<FrozenTrial | null> {
  try {
    return await storage.getTrial(trialId, { inPassing: true });
  } catch (error) {
    if (error instanceof TrialNotFoundError) return null;
    throw error;
  }
}
