import type { SavedView } from '../../src-main/contract/saved-views.ts';
import { useSelectionStore } from '../stores/selection.ts';
import { ownValue } from '../own-value.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { keyId } from '../stores/study-key.ts';
import type { StudyStore } from '../stores/study.ts';
import type { ColumnLayout } from '../trials/column-layout.ts';
import { fromSavedFilters, toSavedFilters } from '../trials/saved-filters.ts';
import { useAction } from './useAction.ts';

export interface UseSavedViewsReturn {
  /** Those of this study, then those of all, by name. */
  readonly viewsFor: (study: StudyStore) => SavedView[];
  readonly apply: (study: StudyStore, view: SavedView) => void;
  /** Saves how the table looks now; a view of that name is replaced. */
  readonly save: (study: StudyStore, name: string, isForAll: boolean) => Promise<void>;
  readonly remove: (view: SavedView) => Promise<void>;
}

/** Filters, sorting and columns of the trial table under a name; kept in the program's settings. */
export function useSavedViews(): UseSavedViewsReturn {
  const settings = useSettingsStore();
  const nameOf = (study: StudyStore): string => study.detail?.summary.studyName ?? '';
  const { run: change } = useAction((views: SavedView[]) => settings.change({ views }));

  function apply(study: StudyStore, { filters, sorts, columns }: SavedView): void {
    const selection = useSelectionStore(study.key);
    selection.filters = fromSavedFilters(filters, selection.fieldsById);
    selection.sorts = sorts;
    settings.columns = { ...settings.columns, [keyId(study.key)]: columns };
  }

  function save(study: StudyStore, name: string, isForAll: boolean): Promise<void> {
    const selection = useSelectionStore(study.key);
    const view = {
      name,
      studyName: isForAll ? null : nameOf(study),
      filters: toSavedFilters(selection.filters, selection.fieldsById),
      sorts: [...selection.sorts],
      columns: copyLayout(ownValue(settings.columns, keyId(study.key)) ?? {}),
    };
    return change([...settings.user.views.filter((other) => !isSame(other, view)), view]);
  }

  return {
    viewsFor: (study) =>
      settings.user.views
        .filter(({ studyName }) => studyName === null || studyName === nameOf(study))
        .sort(
          (a, b) =>
            Number(a.studyName === null) - Number(b.studyName === null) ||
            a.name.localeCompare(b.name, 'en'),
        ),
    apply,
    save,
    remove: (view) => change(settings.user.views.filter((other) => !isSame(other, view))),
  };
}

function copyLayout({ hidden, order, pinned, widths }: ColumnLayout): SavedView['columns'] {
  return {
    ...(hidden && { hidden: [...hidden] }),
    ...(order && { order: [...order] }),
    ...(pinned && { pinned: [...pinned] }),
    ...(widths && { widths: { ...widths } }),
  };
}

function isSame(a: Pick<SavedView, 'name' | 'studyName'>, b: typeof a): boolean {
  return a.name === b.name && a.studyName === b.studyName;
}
