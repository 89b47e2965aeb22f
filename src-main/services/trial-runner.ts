import type { EpochReport } from '../contract/runs.ts';
import type { Checkpoint } from '../training/checkpoint.ts';
import { TrialFailedError } from '../training/errors.ts';
import type { ObjectivePool } from '../training/pool.ts';
import type { Epoch } from '../training/train.ts';
import { TrialPruned } from '../tuner/errors.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { constraintAttrs } from '../tuner/system-attrs.ts';
import { reportCrossValidationScores } from '../tuner/terminators/error-evaluators.ts';
import type { LocalTrial } from '../tuner/trial/local-trial.ts';
import type { Checkpoints } from './checkpoints.ts';
import { DUPLICATE_OF, type EqualTrials } from './equal-trials.ts';
import { toErrorInfo } from './errors.ts';
import type { RunLog } from './run-log.ts';
import { TrialLostError, type RunningTrials } from './running-trials.ts';

/** Lines that a trial may print into the run's log. */
const maxOutputLines = 200;

/** What running one trial takes of its run. */
export interface TrialRunnerOptions {
  readonly storage: Storage;
  readonly pool: ObjectivePool;
  readonly running: RunningTrials;
  readonly log: RunLog;
  /** null: equal trials are run again. */
  readonly equalTrials: EqualTrials | null;
  /** null: no networks are kept. */
  readonly checkpoints: Checkpoints | null;
  /** Whether trials report folds, whose scores stop rules look at. */
  readonly hasFolds: boolean;
  readonly onEpoch: (epoch: EpochReport) => void;
  readonly onReport: () => void;
  readonly onBegin: () => void;
  /** Told while the trial still counts as running. */
  readonly onEnd: () => void;
  /** Told that a trial took the values of an equal one. */
  readonly onReuse: () => void;
}

/** Runs one trial of a run after the other, or several side by side: what a trial's training leaves with it goes through here. */
export class TrialRunner {
  readonly #options: TrialRunnerOptions;

  constructor(options: TrialRunnerOptions) {
    this.#options = options;
  }

  /** The objective that the study optimizes. */
  async run(trial: LocalTrial, signal: AbortSignal): Promise<number | readonly number[]> {
    const { pool, running, checkpoints, hasFolds, onReport } = this.#options;
    const stop = running.begin(trial);
    this.#options.onBegin();
    try {
      const equal = await this.#findEqual(trial);
      if (equal) return equal;
      let checkpoint: Checkpoint | null = null as Checkpoint | null;
      const epochs: Epoch[] = [];
      const values = await pool.run(trial, {
        signal: AbortSignal.any([signal, stop]),
        keepWeights: checkpoints?.keepWeights,
        onCheckpoint: (learned) => (checkpoint = learned),
        onEpoch: (trained) => {
          epochs.push(trained);
          this.#options.onEpoch(toReport(trial.number, trained));
        },
        onReport,
        onOutput: this.#outputLog(trial.number),
      });
      if (hasFolds) await this.#keepFoldScores(trial);
      if (checkpoint) await this.#keep(trial, [values].flat(), checkpoint, epochs);
      return values;
    } catch (error) {
      // What keeps an objective from being loaded is not the trial's affair, but the trial ends with it and should say so.
      const isTold = error instanceof TrialPruned || error instanceof TrialFailedError;
      const isOurs = !(error instanceof TrialLostError) && !signal.aborted;
      if (!isTold && isOurs)
        await trial.setUserAttr('error', toErrorInfo(error).message).catch(() => {});
      throw error;
    } finally {
      this.#options.onEnd();
      running.end(trial);
    }
  }

  /** The values of an equal trial, whose constraints are noted too, where the study takes them instead of running one again. */
  async #findEqual(trial: LocalTrial): Promise<readonly number[] | null> {
    const { pool, equalTrials, log } = this.#options;
    if (!equalTrials) return null;
    await pool.suggest(trial);
    const equal = equalTrials.find(trial.params);
    if (!equal?.values) return null;
    this.#options.onReuse();
    await trial.setSystemAttr(DUPLICATE_OF, equal.number);
    // A trial without them would count as feasible.
    for (const [key, value] of Object.entries(constraintAttrs(equal.systemAttrs)))
      await trial.setSystemAttr(key, value);
    log.add(
      'info',
      `Trial ${trial.number} has the parameters of trial ${equal.number}; its values are taken.`,
    );
    return equal.values;
  }

  /** For stop rules that compare with the error of cross-validation. */
  async #keepFoldScores(trial: LocalTrial): Promise<void> {
    const { storage } = this.#options;
    const { intermediateValues } = await storage.getTrial(trial.trialId, { asKnown: true });
    const scores = [...intermediateValues.values()];
    if (scores.length > 1 && scores.every(Number.isFinite))
      await reportCrossValidationScores(trial, scores);
  }

  /** A network that cannot be kept is told of; the trial counts all the same. */
  async #keep(
    trial: LocalTrial,
    values: readonly number[],
    checkpoint: Checkpoint,
    epochs: readonly Epoch[],
  ): Promise<void> {
    const { checkpoints, log } = this.#options;
    try {
      await checkpoints?.offer(trial, values, checkpoint, epochs);
    } catch (error) {
      log.add(
        'warn',
        `The network of trial ${trial.number} could not be kept: ${toErrorInfo(error).message}`,
      );
    }
  }

  /** Passes on what a trial prints, up to a number of lines. */
  #outputLog(trialNumber: number): (line: string) => void {
    const { log } = this.#options;
    let nLines = 0;
    return (line) => {
      nLines++;
      if (nLines <= maxOutputLines) log.add('info', `[trial ${trialNumber}] ${line}`);
      if (nLines === maxOutputLines)
        log.add('info', `[trial ${trialNumber}] … what else it prints is not shown.`);
    };
  }
}

function toReport(
  trialNumber: number,
  { epoch, trainLoss, valLoss, trainAccuracy, valAccuracy }: Epoch,
): EpochReport {
  const metrics: EpochReport['metrics'] =
    trainAccuracy === null || valAccuracy === null ? {} : { trainAccuracy, accuracy: valAccuracy };
  return { trialNumber, epoch, trainLoss, valLoss, metrics };
}
