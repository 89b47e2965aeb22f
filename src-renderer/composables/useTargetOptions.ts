import { computed, type ComputedRef } from 'vue';

import { useStudy } from './useStudy.ts';

/** Fields of trials that report intermediate values. */
const ofReports: readonly string[] = ['epochs', 'lastValue'];

/** What can be a target: objectives, the last report, the number of reports, the duration, numeric attributes. */
export function useTargetOptions(): ComputedRef<{ value: string; label: string }[]> {
  const { study, selection } = useStudy();
  const hasReports = computed(() => study.view.nIntermediate.some((n) => n > 0));
  return computed(() =>
    selection.fields
      .filter(
        ({ id, group, kind }) =>
          group === 'value' ||
          kind === 'duration' ||
          (group === 'attr' && kind === 'number') ||
          (hasReports.value && ofReports.includes(id)),
      )
      .map(({ id, title }) => ({ value: id, label: title })),
  );
}
