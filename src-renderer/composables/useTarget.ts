import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue';

import { createTarget, type Target } from '../charts/target.ts';
import { text } from '../text.ts';
import { valueFieldId } from '../trials/fields.ts';
import { useStudy } from './useStudy.ts';

/** The chart target for a field; the first objective where there is no such field. */
export function useTarget(fieldId: MaybeRefOrGetter<string>): ComputedRef<Target> {
  const { study, selection } = useStudy();
  return computed(() => {
    const field =
      selection.fieldsById.get(toValue(fieldId)) ?? selection.fieldsById.get(valueFieldId(0));
    if (field) return createTarget(study.view, field, study.directions);
    const nothing = { fieldId: valueFieldId(0), title: text.fields.value, direction: null };
    return { ...nothing, at: () => NaN, isCounted: () => false };
  });
}

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
