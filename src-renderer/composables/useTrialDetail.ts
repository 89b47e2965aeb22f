import { onScopeDispose, shallowRef, watch, type Ref } from 'vue';

import type { TrialDetail } from '../../src-main/contract/trials.ts';
import { rowOfTrial } from '../trials/trial-view.ts';
import { toShownError, type ShownError } from './errors.ts';
import { createThrottle } from './frame.ts';
import { useStudy } from './useStudy.ts';

export interface UseTrialDetailReturn {
  /** Of the trial before, until the new one's is here; null where that cannot be had. */
  readonly detail: Ref<TrialDetail | null>;
  readonly error: Ref<ShownError | null>;
}

/** Everything about one trial, fetched again while it changes. */
export function useTrialDetail(trialNumber: () => number): UseTrialDetailReturn {
  const { study } = useStudy();
  const detail = shallowRef<TrialDetail | null>(null);
  const error = shallowRef<ShownError | null>(null);

  let execution = 0;
  async function refresh(): Promise<void> {
    const mine = ++execution;
    const asked = trialNumber();
    try {
      const fetched = await study.fetchTrial(asked);
      if (mine === execution) [detail.value, error.value] = [fetched, null];
    } catch (cause) {
      if (mine !== execution) return;
      error.value = toShownError(cause);
      if (detail.value?.number !== asked) detail.value = null;
    }
  }
  const refreshSoon = createThrottle(
    () => void refresh(),
    () => 300,
  );

  const version = (): string => {
    const row = rowOfTrial(study.view, trialNumber());
    const { states, nIntermediate, lastSteps } = study.view;
    return [trialNumber(), states[row], nIntermediate[row], lastSteps[row]].join();
  };
  watch(version, refreshSoon.request);
  void refresh();
  onScopeDispose(() => {
    execution = -1;
    refreshSoon.cancel();
  });
  return { detail, error };
}
