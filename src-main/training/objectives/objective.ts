import type { Trial } from '../../tuner/trial/trial.ts';
import type { BackendDecision } from '../choose-backend.ts';
import type { Epoch } from '../train.ts';
import type { WorkerSetup } from '../worker-protocol.ts';

/** What an objective in a training child gets beside the trial. */
export interface ObjectiveRun {
  /** Aborted when the trial is to be given up; the objective then rejects at its next chance. */
  readonly signal: AbortSignal;
  /** For the live view. */
  readonly onEpoch: (epoch: Epoch) => void;
}

/** Ready to run one trial after another. */
export interface PreparedObjective {
  readonly decision: BackendDecision;
  run(trial: Trial, context: ObjectiveRun): Promise<number | readonly number[]>;
}

/** Does once per child what all its trials share: loads the backend, keeps the data. */
export type PrepareObjective = (setup: WorkerSetup) => Promise<PreparedObjective>;
