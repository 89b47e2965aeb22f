import {
  computed,
  effectScope,
  onScopeDispose,
  shallowRef,
  watch,
  type ComputedRef,
  type Ref,
} from 'vue';

import type { TrialCurves } from '../../src-main/contract/trials.ts';
import { mergeCurves, pickCurves } from '../trials/curves.ts';
import { toShownError, type ShownError } from './errors.ts';
import { createThrottle } from './frame.ts';
import type { SelectionStore } from '../stores/selection.ts';
import type { StudyStore } from '../stores/study.ts';

export interface CurvesReturn {
  /** Null until the first reply. */
  readonly curves: Ref<TrialCurves | null>;
  /** Trials with reports that are left out because there are too many; 0: none. */
  readonly nLeftOut: ComputedRef<number>;
  readonly error: Ref<ShownError | null>;
}

const INTERVAL_MS = 400;

/**
 * The intermediate values of a study's trials, kept up while it runs: only curves that grew are fetched again. Nothing is fetched
 * before the first call of the function returned; all calls share one copy.
 */
export function createSharedCurves(
  study: StudyStore,
  selection: SelectionStore,
): () => CurvesReturn {
  const scope = effectScope(true);
  onScopeDispose(() => scope.stop());
  let shared: CurvesReturn | undefined;
  return () => (shared ??= scope.run(() => followCurves(study, selection))) as CurvesReturn;
}

function followCurves(study: StudyStore, selection: SelectionStore): CurvesReturn {
  const curves = shallowRef<TrialCurves | null>(null);
  const error = shallowRef<ShownError | null>(null);
  const inFront = computed(() => {
    const numbers = new Set(selection.selected);
    if (selection.opened !== null) numbers.add(selection.opened);
    const [best] = selection.best.objectives;
    if (best) numbers.add(best.number);
    return numbers;
  });
  const wanted = computed(() => pickCurves(study.view, inFront.value));

  let isFetching = false;
  let isOver = false;
  async function refresh(): Promise<void> {
    if (isFetching) return;
    isFetching = true;
    try {
      const { numbers, lengths } = wanted.value;
      const known = curves.value;
      const stale: number[] = [];
      for (let i = 0; i < numbers.length; i++)
        if (lengthOf(known, numbers[i] as number) !== lengths[i]) stale.push(numbers[i] as number);
      if (stale.length === 0 && known) return;
      const isAll = known === null && numbers.length === study.view.nTrials;
      const fetched = await study.fetchCurves(isAll ? undefined : stale);
      if (!isOver) curves.value = mergeCurves(known, fetched, numbers);
      error.value = null;
    } catch (cause) {
      error.value = toShownError(cause);
    } finally {
      isFetching = false;
    }
  }

  const refreshSoon = createThrottle(
    () => void refresh(),
    () => INTERVAL_MS,
  );
  watch(wanted, refreshSoon.request, { immediate: true });
  onScopeDispose(() => {
    isOver = true;
    refreshSoon.cancel();
  });

  const positions = computed(() => {
    const known = curves.value;
    return new Map(known ? Array.from(known.numbers, (number, i) => [number, i]) : []);
  });
  function lengthOf(known: TrialCurves | null, trialNumber: number): number {
    const i = positions.value.get(trialNumber);
    if (!known || i === undefined) return 0;
    return (known.offsets[i + 1] as number) - (known.offsets[i] as number);
  }

  return { curves, nLeftOut: computed(() => wanted.value.nLeftOut), error };
}
