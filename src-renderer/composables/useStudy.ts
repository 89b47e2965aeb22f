import { inject, provide, type InjectionKey } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { useSelectionStore, type SelectionStore } from '../stores/selection.ts';
import { useStudyStore, type StudyStore } from '../stores/study.ts';
import { createSharedCurves, type CurvesReturn } from './shared-curves.ts';

export interface StudyContext {
  readonly study: StudyStore;
  readonly selection: SelectionStore;
  /** The study's curves; asking for them starts fetching. */
  readonly useCurves: () => CurvesReturn;
}

export const studyContextKey: InjectionKey<StudyContext> = Symbol('study');

/** Makes a study the one that the components below show. */
export function provideStudy(key: StudyKey): StudyContext {
  const [study, selection] = [useStudyStore(key), useSelectionStore(key)];
  const context = { study, selection, useCurves: createSharedCurves(study, selection) };
  provide(studyContextKey, context);
  return context;
}

/** The study that is shown. */
export function useStudy(): StudyContext {
  const context = inject(studyContextKey, null);
  if (!context) throw new Error('No study is provided.');
  return context;
}
