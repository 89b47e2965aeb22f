import type { DataChange } from '../../src-main/contract/runs.ts';
import { defineQuestionStore } from './question.ts';

/** The question whether a study goes on with a table that has changed; `ChangedTableDialog` asks it. */
export const useChangedTableStore = defineQuestionStore<DataChange>('changed-table');
