import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref } from 'vue';

import type { ModelsOverview } from '../../src-main/contract/models.ts';
import { isSameKey } from '../stores/study-key.ts';
import { countStates } from '../trials/trial-view.ts';
import { toShownError, type ShownError } from './errors.ts';
import { createThrottle } from './frame.ts';
import { useChannel } from './useChannel.ts';
import { useStudy } from './useStudy.ts';

export interface UseModelsReturn {
  /** Null until the first reply. */
  readonly overview: Ref<ModelsOverview | null>;
  readonly error: Ref<ShownError | null>;
  /** Whether networks are being trained, tested or asked. */
  readonly isAtWork: ComputedRef<boolean>;
  readonly refresh: () => Promise<void>;
}

const INTERVAL_MS = 1000;

/** What is known of a study's networks, kept up while trials end and networks are trained. */
export function useModels(): UseModelsReturn {
  const channel = useChannel();
  const { study } = useStudy();
  const overview = shallowRef<ModelsOverview | null>(null);
  const error = shallowRef<ShownError | null>(null);

  let execution = 0;
  async function refresh(): Promise<void> {
    const mine = ++execution;
    try {
      const fetched = await channel.call('models.get', { key: study.key });
      if (mine === execution) [overview.value, error.value] = [fetched, null];
    } catch (cause) {
      if (mine === execution) error.value = toShownError(cause);
    }
  }
  const refreshSoon = createThrottle(
    () => void refresh(),
    () => INTERVAL_MS,
  );
  const end = channel.subscribe('model.changed', ({ key, job }) => {
    if (!isSameKey(key, study.key)) return;
    // How far it is needs no question.
    if (job?.state === 'running' && overview.value) overview.value = { ...overview.value, job };
    else void refresh();
  });
  const endReconnect = channel.onReconnect(() => void refresh());
  watch(() => countStates(study.view).complete, refreshSoon.request);
  watch(
    () => study.isActive,
    (isActive) => {
      if (!isActive) void refresh();
    },
  );
  void refresh();
  onScopeDispose(() => {
    execution = -1;
    end();
    endReconnect();
    refreshSoon.cancel();
  });
  return {
    overview,
    error,
    isAtWork: computed(() => overview.value?.job?.state === 'running'),
    refresh,
  };
}
