import { useDialog } from 'naive-ui';

import type { StudyStore } from '../stores/study.ts';
import { text } from '../text.ts';
import { useAction } from './useAction.ts';

export interface UseEndTrialsReturn {
  /** Ends trials that run here. */
  readonly stop: (study: StudyStore, trialNumbers: readonly number[]) => Promise<void>;
  /** Sets trials that were left behind to failed, once the user has agreed. */
  readonly fail: (study: StudyStore, trialNumbers: number[]) => void;
}

/** Ends trials before their time. */
export function useEndTrials(): UseEndTrialsReturn {
  const dialog = useDialog();
  const { run: stop } = useAction(async (study: StudyStore, trialNumbers: readonly number[]) => {
    for (const trialNumber of trialNumbers) await study.stopTrial(trialNumber);
  });
  const { run: failNow } = useAction((study: StudyStore, trialNumbers: number[]) =>
    study.failTrials(trialNumbers),
  );
  function fail(study: StudyStore, trialNumbers: number[]): void {
    dialog.warning({
      title: text.endTrials.failTitle(trialNumbers),
      content: text.endTrials.failText,
      positiveText: text.endTrials.failAction,
      negativeText: text.common.cancel,
      onPositiveClick: () => failNow(study, trialNumbers),
    });
  }
  return { stop, fail };
}
