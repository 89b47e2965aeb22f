import { computed, type ComputedRef } from 'vue';

import { ownValue } from '../own-value.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { keyId } from '../stores/study-key.ts';
import {
  layOutColumns,
  moveColumn,
  resizeColumn,
  toggleHidden,
  togglePinned,
  type ColumnLayout,
  type LaidOutColumn,
} from '../trials/column-layout.ts';
import type { Field } from '../trials/fields.ts';
import { useStudy } from './useStudy.ts';

export interface UseVisibleFieldsReturn {
  /** All columns in their order, hidden ones too. */
  readonly columns: ComputedRef<readonly LaidOutColumn[]>;
  readonly visibleColumns: ComputedRef<readonly LaidOutColumn[]>;
  readonly visibleFields: ComputedRef<readonly Field[]>;
  readonly toggleField: (fieldId: string) => void;
  readonly togglePin: (fieldId: string) => void;
  /** Puts a column where another one is. */
  readonly move: (fieldId: string, targetId: string) => void;
  /** Moves a column by one place among those that are shown. */
  readonly moveBy: (fieldId: string, by: 1 | -1) => void;
  /** Null: as wide as at first. */
  readonly resize: (fieldId: string, width: number | null) => void;
  readonly showAll: () => void;
  /** All as at first. */
  readonly reset: () => void;
}

/** The columns of the trial table: which, where and how wide; remembered for the study, whatever it is called. */
export function useVisibleFields(): UseVisibleFieldsReturn {
  const { study, selection } = useStudy();
  const settings = useSettingsStore();

  const id = keyId(study.key);
  const layout = computed<ColumnLayout>(() => ownValue(settings.columns, id) ?? {});
  const columns = computed(() => layOutColumns(selection.fields, layout.value));
  const visibleColumns = computed(() => columns.value.filter(({ isHidden }) => !isHidden));

  function remember(next: ColumnLayout): void {
    settings.columns = { ...settings.columns, [id]: next };
  }
  function move(fieldId: string, targetId: string): void {
    remember(moveColumn(columns.value, layout.value, fieldId, targetId));
  }

  return {
    columns,
    visibleColumns,
    visibleFields: computed(() => visibleColumns.value.map(({ field }) => field)),
    toggleField: (fieldId) => remember(toggleHidden(columns.value, layout.value, fieldId)),
    togglePin: (fieldId) => remember(togglePinned(columns.value, layout.value, fieldId)),
    move,
    moveBy(fieldId, by) {
      const at = visibleColumns.value.findIndex(({ field }) => field.id === fieldId);
      const target = visibleColumns.value[at + by];
      if (at >= 0 && target) move(fieldId, target.field.id);
    },
    resize: (fieldId, width) => remember(resizeColumn(layout.value, fieldId, width)),
    showAll: () => remember({ ...layout.value, hidden: [] }),
    reset: () => remember({}),
  };
}
