import { computed, type ComputedRef } from 'vue';

import { useSettingsStore } from '../stores/settings.ts';
import type { Field } from '../trials/fields.ts';
import { useStudy } from './useStudy.ts';

export interface UseVisibleFieldsReturn {
  readonly allFields: ComputedRef<readonly Field[]>;
  readonly visibleFields: ComputedRef<readonly Field[]>;
  readonly isHidden: (fieldId: string) => boolean;
  readonly toggleField: (fieldId: string) => void;
  readonly showAll: () => void;
}

/** Fields that are of use in the table only now and then. */
const hiddenAtFirst = ['completedAt', 'lastValue'];

/** Which columns the trial table has; remembered by the study's name. */
export function useVisibleFields(): UseVisibleFieldsReturn {
  const { study, selection } = useStudy();
  const settings = useSettingsStore();

  const studyName = computed(() => study.detail?.summary.studyName ?? '');
  const hidden = computed(() => new Set(settings.hiddenFields[studyName.value] ?? hiddenAtFirst));
  const allFields = computed(() => selection.fields);
  const visibleFields = computed(() => allFields.value.filter(({ id }) => !hidden.value.has(id)));

  function remember(ids: Iterable<string>): void {
    settings.hiddenFields = { ...settings.hiddenFields, [studyName.value]: [...ids] };
  }

  return {
    allFields,
    visibleFields,
    isHidden: (fieldId) => hidden.value.has(fieldId),
    toggleField(fieldId) {
      const next = new Set(hidden.value);
      if (!next.delete(fieldId)) next.add(fieldId);
      remember(next);
    },
    showAll: () => remember([]),
  };
}
