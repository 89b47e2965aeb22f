import { onScopeDispose, shallowRef, watch, type Ref } from 'vue';

import type { TrialDetail, TrialPruning } from '../../src-main/contract/trials.ts';
import { useStudy } from './useStudy.ts';

/** What the study's pruner made of a trial, kept up while it runs; null where the study does not say which pruner it has, undefined until that is known. */
export function useTrialPruning(
  detail: Readonly<Ref<TrialDetail | null>>,
): Readonly<Ref<TrialPruning | null | undefined>> {
  const { study } = useStudy();
  const pruning = shallowRef<TrialPruning | null | undefined>();
  let execution = 0;
  watch(
    detail,
    async (now, before) => {
      const mine = ++execution;
      // A trial that is put back into the queue has reported nothing any more.
      const hasReports = now !== null && now.steps.length > 0;
      if (now?.number !== before?.number || !hasReports) pruning.value = undefined;
      if (!hasReports) return;
      // Without it the panel says less, which is better than an error for it.
      const fetched = await study.fetchPruning(now.number).catch(() => undefined);
      if (mine === execution) pruning.value = fetched;
    },
    { immediate: true },
  );
  onScopeDispose(() => (execution = -1));
  return pruning;
}
