import { useDialog } from 'naive-ui';

import type { StudyStore } from '../stores/study.ts';
import { text } from '../text.ts';
import { endableTrials } from '../trials/endable.ts';
import { useAction } from './useAction.ts';

export interface UseEndTrialsReturn {
  /** Ends trials that run here. */
  readonly stop: (study: StudyStore, trialNumbers: readonly number[]) => void;
  /** Sets trials that were left behind to failed. */
  readonly fail: (study: StudyStore, trialNumbers: number[]) => void;
}

/** Ends trials before their time, once the user has agreed: no trial begins again. */
export function useEndTrials(): UseEndTrialsReturn {
  const dialog = useDialog();
  const { run: stopNow } = useAction(async (study: StudyStore, trialNumbers: readonly number[]) => {
    // Some may have ended while the question stood there.
    const { stoppable } = endableTrials(study.allTrials, study.run, trialNumbers);
    for (const trialNumber of stoppable) await study.stopTrial(trialNumber);
  });
  const { run: failNow } = useAction((study: StudyStore, trialNumbers: number[]) =>
    study.failTrials(trialNumbers),
  );
  return {
    stop: (study, trialNumbers) => {
      dialog.warning({
        title: text.endTrials.stopTitle(trialNumbers),
        content: text.endTrials.stopText(trialNumbers.length),
        positiveText: text.endTrials.stopAction,
        negativeText: text.common.cancel,
        onPositiveClick: () => stopNow(study, trialNumbers),
      });
    },
    fail: (study, trialNumbers) => {
      dialog.warning({
        title: text.endTrials.failTitle(trialNumbers),
        content: text.endTrials.failText,
        positiveText: text.endTrials.failAction,
        negativeText: text.common.cancel,
        onPositiveClick: () => failNow(study, trialNumbers),
      });
    },
  };
}
