import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue';

import type { ImportanceResult } from '../../src-main/contract/analysis.ts';
import { countStates } from '../trials/trial-view.ts';
import { toShownError, type ShownError } from './errors.ts';
import { createThrottle } from './frame.ts';
import { useChannel } from './useChannel.ts';
import { useStudy } from './useStudy.ts';

export interface UseImportanceReturn {
  /** The last one, until the next is here. */
  readonly result: Ref<ImportanceResult | null>;
  readonly error: Ref<ShownError | null>;
}

/** While a study runs, the importances are computed anew at most this often. */
const INTERVAL_MS = 2500;

/** The importances of a study's parameters, kept up as trials finish. `objective`: null for all of them together. */
export function useImportance(
  evaluator: () => string,
  objective: () => number | null,
): UseImportanceReturn {
  const channel = useChannel();
  const { study } = useStudy();
  const result = shallowRef<ImportanceResult | null>(null);
  const error = shallowRef<ShownError | null>(null);
  const nFinished = computed(() => {
    const { complete, pruned, fail } = countStates(study.view);
    return complete + pruned + fail;
  });

  let abort: AbortController | null = null;
  async function refresh(): Promise<void> {
    abort?.abort();
    const mine = (abort = new AbortController());
    const index = objective();
    try {
      const fetched = await channel.call(
        'analysis.importance',
        {
          key: study.key,
          evaluator: { type: evaluator() },
          ...(index === null ? {} : { objective: index }),
        },
        mine.signal,
      );
      if (mine === abort) [result.value, error.value] = [fetched, null];
    } catch (cause) {
      if (mine === abort) [result.value, error.value] = [null, toShownError(cause)];
    }
  }

  const refreshSoon = createThrottle(
    () => void refresh(),
    () => INTERVAL_MS,
  );
  watch(nFinished, refreshSoon.request);
  watch([evaluator, objective], () => void refresh(), { immediate: true });
  // What a run leaves is wanted at once.
  watch(
    () => study.isActive,
    (isActive) => {
      if (!isActive) void refresh();
    },
  );
  onScopeDispose(() => {
    refreshSoon.cancel();
    abort?.abort();
    abort = null;
  });
  return { result, error };
}
