import { inject, provide, type InjectionKey } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { useSelectionStore, type SelectionStore } from '../stores/selection.ts';
import { useStudyStore, type StudyStore } from '../stores/study.ts';

export interface StudyContext {
  readonly study: StudyStore;
  readonly selection: SelectionStore;
}

export const studyContextKey: InjectionKey<StudyContext> = Symbol('study');

/** Makes a study the one that the components below show. */
export function provideStudy(key: StudyKey): StudyContext {
  const context = { study: useStudyStore(key), selection: useSelectionStore(key) };
  provide(studyContextKey, context);
  return context;
}

/** The study that is shown. */
export function useStudy(): StudyContext {
  const context = inject(studyContextKey, null);
  if (!context) throw new Error('No study is provided.');
  return context;
}
