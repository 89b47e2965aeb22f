import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { followTrialWork, type WorkSource } from '../composables/useTrialWork.ts';
import { ownValue } from '../own-value.ts';
import type { Filter } from '../trials/filter.ts';
import type { Sort } from '../trials/sort.ts';
import { createShownTrials, type Look } from '../work/shown-trials.ts';
import type { BestTrials, PassingTrials } from '../work/works.ts';
import { useSettingsStore } from './settings.ts';
import { keyId } from './study-key.ts';
import { useStudyStore } from './study.ts';

/** What the user looks at in one study; shared by the table and every chart, so that all of them agree. */
export function useSelectionStore(key: StudyKey) {
  return defineStore(`selection:${keyId(key)}`, () => createSelectionState(key))();
}

export type SelectionStore = ReturnType<typeof useSelectionStore>;

function createSelectionState(key: StudyKey) {
  const [study, settings] = [useStudyStore(key), useSettingsStore()];
  const filters = shallowRef<readonly Filter[]>([]);
  const sorts = shallowRef<readonly Sort[]>([{ fieldId: 'number', isDescending: true }]);
  /** Trial numbers, in the order they were chosen. */
  const selected = shallowRef<ReadonlySet<number>>(new Set());
  const hovered = ref<number | null>(null);
  /** The trial whose panel is open. */
  const opened = ref<number | null>(null);
  /** Of several objectives: what hypervolumes are measured from; null: what the worst values say. */
  const referencePoint = computed<readonly number[] | null>({
    get: () => {
      const point = ownValue(settings.referencePoints, keyId(key));
      // Another file may have been at this place.
      return point?.length === study.directions.length ? [...point] : null;
    },
    set: (point) => {
      const { [keyId(key)]: _, ...others } = settings.referencePoints;
      settings.referencePoints = point ? { ...others, [keyId(key)]: point } : others;
    },
  });

  const look = computed<Look>(() => ({ ...study.look, filters: filters.value }));
  const trials = computed(() =>
    filters.value.length === 0
      ? study.trials
      : createShownTrials(study.allTrials, study.view, look.value),
  );
  const fields = computed(() => trials.value.fields);
  const fieldsById = computed(() => new Map(fields.value.map((field) => [field.id, field])));

  const source: WorkSource = { worker: study.worker, trials: () => trials.value };
  const filterWork = followTrialWork(source, 'filter', () => null);
  const filtered = computed<PassingTrials>(
    () => filterWork.value?.value ?? { numbers: study.view.numbers, problem: null },
  );
  const orderWork = followTrialWork(source, 'order', () => ({ sorts: sorts.value }));
  /** The same as the table shows them. */
  const ordered = computed(() => orderWork.value?.value ?? new Int32Array());
  const bestWork = followTrialWork(source, 'best', () => null);
  const best = computed<BestTrials>(
    () => bestWork.value?.value ?? { numbers: new Int32Array(), objectives: [] },
  );

  /** Adds a filter; one of the same kind on the same field is replaced. */
  function setFilter(filter: Filter): void {
    filters.value = [...filters.value.filter((other) => !isSameSubject(other, filter)), filter];
  }
  function removeFilter(filter: Filter): void {
    filters.value = filters.value.filter((other) => !isSameSubject(other, filter));
  }
  function clearFilters(): void {
    filters.value = [];
  }

  function toggleSelected(trialNumber: number): void {
    const next = new Set(selected.value);
    if (!next.delete(trialNumber)) next.add(trialNumber);
    selected.value = next;
  }
  function select(trialNumbers: Iterable<number>): void {
    selected.value = new Set(trialNumbers);
  }

  return {
    filters,
    sorts,
    selected,
    hovered,
    opened,
    referencePoint,
    trials,
    fields,
    fieldsById,
    filtered,
    ordered,
    best,
    setFilter,
    removeFilter,
    clearFilters,
    toggleSelected,
    select,
  };
}

function isSameSubject(a: Filter, b: Filter): boolean {
  if (a.kind === 'expression' || b.kind === 'expression') return a.kind === b.kind;
  return a.kind === b.kind && a.fieldId === b.fieldId;
}
