import { computed, watch } from 'vue';
import { useRoute, useRouter, type LocationQuery, type LocationQueryRaw } from 'vue-router';

import { ownValue } from '../own-value.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { keyId } from '../stores/study-key.ts';
import {
  filtersFromText,
  filtersToText,
  fromSavedFilters,
  toSavedFilters,
} from '../trials/saved-filters.ts';
import type { Filter } from '../trials/filter.ts';
import type { StudyContext } from './useStudy.ts';

/** Marks the entries of the history whose address says all; a link to the study says nothing of filters. */
const MARK = 'isWhole';

/**
 * Keeps filters and the open trial in the address, so that a reload, back and forward restore them. Where the address says nothing, what was looked at
 * stays; a study that is opened anew begins with the expression that was used last.
 */
export function useStudyAddress({ study, selection }: StudyContext): void {
  const [route, router, settings] = [useRoute(), useRouter(), useSettingsStore()];
  const id = keyId(study.key);
  const filterText = computed(() =>
    filtersToText(toSavedFilters(selection.filters, selection.fieldsById)),
  );
  const query = computed<LocationQueryRaw>(() => ({
    ...(filterText.value !== '' && { filter: filterText.value }),
    ...(selection.opened !== null && { trial: String(selection.opened) }),
  }));
  const isEmpty = (of: LocationQueryRaw): boolean => !('filter' in of || 'trial' in of);
  const isSame = (): boolean =>
    route.query.filter === query.value.filter && route.query.trial === query.value.trial;
  const isShown = (): boolean =>
    route.name === 'study' &&
    route.params.storageId === study.key.storageId &&
    Number(route.params.studyId) === study.key.studyId;

  function restore({ filter, trial }: LocationQuery): void {
    if (isSame()) return;
    selection.filters = fromSavedFilters(
      filtersFromText(String(filter ?? '')),
      selection.fieldsById,
    );
    selection.opened = /^\d+$/.test(String(trial)) ? Number(trial) : null;
  }

  function write(how: 'push' | 'replace'): void {
    if (!isSame()) void router[how]({ query: query.value, state: { [MARK]: true } });
  }

  /** Of an entry in the history that was gone to, or of an address. */
  function follow(): void {
    if (!isShown()) return;
    if (history.state?.[MARK] || !isEmpty(route.query)) restore(route.query);
    else write('replace');
  }

  /** What a filter means is known when the trials are. */
  let hasBegun = false;
  function begin(): void {
    hasBegun = true;
    const remembered = ownValue(settings.expressions, id);
    if (remembered !== undefined && selection.filters.length === 0 && isEmpty(route.query))
      selection.setFilter({ kind: 'expression', expression: remembered });
    follow();
  }

  function remember(filters: readonly Filter[]): void {
    const { [id]: _, ...others } = settings.expressions;
    const used = filters.find(({ kind }) => kind === 'expression');
    settings.expressions =
      used?.kind === 'expression' ? { ...others, [id]: used.expression } : others;
  }

  watch(
    () => study.status === 'ready',
    (isReady) => {
      if (isReady && !hasBegun) begin();
    },
    { immediate: true },
  );
  watch(
    () => route.fullPath,
    () => {
      if (hasBegun) follow();
    },
  );
  watch(query, (now, before) => {
    if (!hasBegun || !isShown()) return;
    // Back closes a trial that was opened; from one trial to the next is no step.
    write('trial' in now && !('trial' in before) ? 'push' : 'replace');
  });
  watch(
    () => selection.filters,
    (filters) => {
      if (hasBegun) remember(filters);
    },
  );
}
