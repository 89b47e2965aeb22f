import type { Trial } from '../../tuner/trial/trial.ts';
import type { BackendDecision } from '../choose-backend.ts';
import type { Checkpoint, KeepWeights } from '../checkpoint.ts';
import type { Epoch } from '../train.ts';
import type { ObjectiveKind, SetupOf } from '../worker-protocol.ts';

/** What an objective in a training child gets beside the trial. */
export interface ObjectiveRun {
  /** Aborted when the trial is to be given up; the objective then rejects at its next chance. */
  readonly signal: AbortSignal;
  /** For the live view. */
  readonly onEpoch: (epoch: Epoch) => void;
  /** To be told where epochs and reports are kept back: nothing more is said for about so long; Infinity: until reports are answered. */
  readonly beforeSilence?: (expectedMs: number) => void;
  /** Whether `onCheckpoint` is to be told what was learned. @default false */
  readonly keepWeights?: KeepWeights;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /**
   * Trains exactly so many epochs, without early stopping, and takes the last one's weights: for rows that leave none to stop by. The schedule
   * stays that of the plan. @default as the plan has it
   */
  readonly nEpochs?: number;
}

/** Ready to run one trial after another. */
export interface PreparedObjective {
  /** What networks are trained with; null for objectives that train none of ours. */
  readonly decision: BackendDecision | null;
  run(trial: Trial, context: ObjectiveRun): Promise<number | readonly number[]>;
}

/** Does once per child what all its trials share: loads the backend, keeps the data. */
export type PrepareObjective<Kind extends ObjectiveKind> = (
  setup: SetupOf<Kind>,
) => Promise<PreparedObjective>;
