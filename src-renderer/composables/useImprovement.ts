import { onScopeDispose, ref, shallowRef, type Ref } from 'vue';

import type { ImprovementHistory } from '../../src-main/tuner/terminators/improvement-history.ts';
import { isSameKey } from '../stores/study-key.ts';
import { hasCode, toShownError, type ShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';
import { useStudy } from './useStudy.ts';

export interface UseImprovementReturn {
  readonly result: Ref<ImprovementHistory | null>;
  readonly error: Ref<ShownError | null>;
  readonly isBusy: Ref<boolean>;
  /** How many estimates are made; null until that is known. */
  readonly progress: Ref<{ readonly nDone: number; readonly nTotal: number } | null>;
  readonly compute: (terminator: string, options: Record<string, unknown>) => Promise<void>;
  /** What was there before stays. */
  readonly cancel: () => void;
  /** Forgets the answer, which is about another question. */
  readonly reset: () => void;
}

/** How the improvement still to be expected of a study fell, computed when it is asked for. */
export function useImprovement(): UseImprovementReturn {
  const channel = useChannel();
  const { study } = useStudy();
  const result = shallowRef<ImprovementHistory | null>(null);
  const error = shallowRef<ShownError | null>(null);
  const progress = shallowRef<UseImprovementReturn['progress']['value']>(null);
  const isBusy = ref(false);

  let abort: AbortController | null = null;
  async function compute(type: string, options: Record<string, unknown>): Promise<void> {
    cancel();
    const mine = (abort = new AbortController());
    [isBusy.value, error.value] = [true, null];
    try {
      const input = { key: study.key, terminator: { type, options } };
      const computed = await channel.call('analysis.improvement', input, mine.signal);
      if (mine === abort) result.value = computed;
    } catch (cause) {
      if (mine === abort && !hasCode(cause, 'ABORTED')) error.value = toShownError(cause);
    } finally {
      if (mine === abort) cancel();
    }
  }

  function cancel(): void {
    abort?.abort();
    abort = null;
    [isBusy.value, progress.value] = [false, null];
  }

  function reset(): void {
    cancel();
    [result.value, error.value] = [null, null];
  }

  const unsubscribe = channel.subscribe('analysis.progress', ({ key, nDone, nTotal }) => {
    if (isBusy.value && isSameKey(key, study.key)) progress.value = { nDone, nTotal };
  });
  onScopeDispose(() => {
    unsubscribe();
    cancel();
  });
  return { result, error, isBusy, progress, compute, cancel, reset };
}
