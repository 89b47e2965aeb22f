import { computed, type ComputedRef } from 'vue';

import { useStudy } from './useStudy.ts';

/** What can be a target: objectives, numeric attributes, the duration. */
export function useTargetOptions(): ComputedRef<{ value: string; label: string }[]> {
  const { selection } = useStudy();
  return computed(() =>
    selection.fields
      .filter(
        ({ group, kind }) =>
          group === 'value' || kind === 'duration' || (group === 'attr' && kind === 'number'),
      )
      .map(({ id, title }) => ({ value: id, label: title })),
  );
}
