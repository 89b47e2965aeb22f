import { logger } from '../logger.ts';
import type { OptimizeCallback } from '../study/optimize.ts';
import type { StudyView } from '../study/study-view.ts';
import { ENDED_BY } from '../system-attrs.ts';

/** Decides whether a study has gone on long enough. One terminator belongs to one run of one study. */
export interface Terminator {
  /** The name in the registry. */
  readonly name: string;
  /** What to tell the user when it ends the study, as in "20 trials in a row brought no better value". */
  readonly reason: string;
  /** Asked after each trial. */
  shouldTerminate(study: StudyView): Promise<boolean>;
}

/**
 * For `study.optimize(objective, { callbacks: [terminatorCallback(terminator)] })`. Why the study ended is logged and kept with it, where
 * `studyEnd` finds it.
 */
export function terminatorCallback(terminator: Terminator): OptimizeCallback {
  return async (study) => {
    if (study.isStopping || !(await terminator.shouldTerminate(study))) return;
    const { name: rule, reason } = terminator;
    study.stop();
    logger.info(`The study ends: ${reason}.`);
    await study.setSystemAttr(ENDED_BY, { rule, reason });
  };
}
