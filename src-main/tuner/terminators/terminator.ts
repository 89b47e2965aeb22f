import { logger } from '../logger.ts';
import type { OptimizeCallback } from '../study/optimize.ts';
import type { StudyView } from '../study/study-view.ts';

/** Decides whether a study has gone on long enough. One terminator belongs to one run of one study. */
export interface Terminator {
  /** The name in the registry. */
  readonly name: string;
  /** What to tell the user when it ends the study, as in "20 trials in a row brought no better value". */
  readonly reason: string;
  /** Asked after each trial. */
  shouldTerminate(study: StudyView): Promise<boolean>;
}

/** For `study.optimize(objective, { callbacks: [terminatorCallback(terminator)] })`. */
export function terminatorCallback(terminator: Terminator): OptimizeCallback {
  return async (study) => {
    if (!(await terminator.shouldTerminate(study))) return;
    logger.info(`The study ends: ${terminator.reason}.`);
    study.stop();
  };
}
