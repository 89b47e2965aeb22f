import type { Attrs, AttrValue, FrozenTrial, TrialState } from '../trial/frozen-trial.ts';
import type { StudyDirection } from './direction.ts';
import type { StudyHistory } from './study-history.ts';

/**
 * What samplers and pruners may see and do of a study. Declared below both, so that neither needs the study itself.
 */
export interface StudyView {
  readonly studyId: number;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  /** All randomness derives from it: `createRng(study.seed, trial.number, purpose)`. */
  readonly seed: number;
  /** Trials by number, all states or some. Cached: the trials are identical objects until they change. */
  getTrials(states?: readonly TrialState[]): Promise<readonly FrozenTrial[]>;
  /** Finished trials as columns, kept up incrementally and shared by all who ask. */
  getHistory(): Promise<StudyHistory>;
  getSystemAttrs(): Promise<Attrs>;
  setSystemAttr(key: string, value: AttrValue): Promise<void>;
  setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void>;
  /** Ends `optimize` after the trials now running. */
  stop(): void;
}
