import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue';

import type { ImportanceResult } from '../../src-main/contract/analysis.ts';
import { countStates } from '../trials/trial-view.ts';
import { toShownError, type ShownError } from './errors.ts';
import { createThrottle } from './frame.ts';
import { useChannel } from './useChannel.ts';
import { useStudy } from './useStudy.ts';

/** An objective; null: being on the Pareto front, or the only objective. */
export type ImportanceTarget = number | null;

/** What matters for each of the targets. */
export interface Importances {
  readonly targets: readonly ImportanceTarget[];
  readonly results: readonly ImportanceResult[];
}

export interface UseImportanceReturn {
  /** The last ones, until the next are here. */
  readonly importances: Ref<Importances | null>;
  readonly error: Ref<ShownError | null>;
}

/** While a study runs, the importances are computed anew at most this often. */
const INTERVAL_MS = 2500;

/** The importances of a study's parameters, kept up as trials finish. */
export function useImportance(
  evaluator: () => string,
  targets: () => readonly ImportanceTarget[],
): UseImportanceReturn {
  const channel = useChannel();
  const { study } = useStudy();
  const importances = shallowRef<Importances | null>(null);
  const error = shallowRef<ShownError | null>(null);
  const nFinished = computed(() => {
    const { complete, pruned, fail } = countStates(study.view);
    return complete + pruned + fail;
  });

  let abort: AbortController | null = null;
  async function refresh(): Promise<void> {
    abort?.abort();
    const mine = (abort = new AbortController());
    const asked = targets();
    const askFor = (target: ImportanceTarget): Promise<ImportanceResult> =>
      channel.call(
        'analysis.importance',
        {
          key: study.key,
          evaluator: { type: evaluator() },
          ...(target === null ? {} : { objective: target }),
        },
        mine.signal,
      );
    try {
      const results = await Promise.all(asked.map(askFor));
      if (mine === abort) [importances.value, error.value] = [{ targets: asked, results }, null];
    } catch (cause) {
      if (mine === abort) [importances.value, error.value] = [null, toShownError(cause)];
    }
  }

  const refreshSoon = createThrottle(
    () => void refresh(),
    () => INTERVAL_MS,
  );
  watch(nFinished, refreshSoon.request);
  watch([evaluator, targets], () => void refresh(), { immediate: true });
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
  return { importances, error };
}
