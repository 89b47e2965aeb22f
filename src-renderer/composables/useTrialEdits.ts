import { useMessage } from 'naive-ui';

import type { ParamValue } from '../../src-main/tuner/distributions.ts';
import { useUndoStore } from '../stores/undo.ts';
import { text } from '../text.ts';
import { rowOfTrial, stateOf } from '../trials/trial-view.ts';
import { useAction } from './useAction.ts';
import { useStudy } from './useStudy.ts';

export interface UseTrialEditsReturn {
  readonly hide: (trialNumbers: number[]) => Promise<void>;
  readonly unhide: (trialNumbers: number[]) => Promise<void>;
  /** Running trials are left alone. */
  readonly remove: (trialNumbers: number[]) => Promise<void>;
  readonly tag: (
    trialNumbers: number[],
    change: { add?: string[]; remove?: string[] },
  ) => Promise<void>;
  readonly enqueue: (params: Readonly<Record<string, ParamValue>>) => Promise<void>;
}

/** What is done to trials, one or many. What takes something away can be taken back. */
export function useTrialEdits(): UseTrialEditsReturn {
  const { study, selection } = useStudy();
  const undo = useUndoStore();
  const message = useMessage();

  /** Trials that are no longer shown are neither selected nor open. */
  function forget(trialNumbers: readonly number[]): void {
    const gone = new Set(trialNumbers);
    selection.select([...selection.selected].filter((number) => !gone.has(number)));
    if (selection.opened !== null && gone.has(selection.opened)) selection.opened = null;
  }

  const { run: hide } = useAction(async (trialNumbers: number[]) => {
    await study.setHidden(trialNumbers, true);
    if (!study.showsHidden) forget(trialNumbers);
    undo.offer({
      label: text.trialEdits.hidden(trialNumbers),
      undo: () => study.setHidden(trialNumbers, false),
    });
  });

  const { run: unhide } = useAction((trialNumbers: number[]) =>
    study.setHidden(trialNumbers, false),
  );

  const { run: remove } = useAction(async (trialNumbers: number[]) => {
    const { allTrials } = study;
    const deletable = trialNumbers.filter(
      (number) => stateOf(allTrials, rowOfTrial(allTrials, number)) !== 'running',
    );
    if (deletable.length < trialNumbers.length)
      message.warning(text.trialEdits.runningStay(trialNumbers.length - deletable.length));
    if (deletable.length === 0) return;
    const restore = await study.deleteTrials(deletable);
    forget(deletable);
    undo.offer({ label: text.trialEdits.deleted(deletable), undo: restore });
  });

  const { run: tag } = useAction(
    (trialNumbers: number[], change: { add?: string[]; remove?: string[] }) =>
      study.setTags(trialNumbers, change),
  );

  const { run: enqueue } = useAction(async (params: Readonly<Record<string, ParamValue>>) => {
    await study.enqueue(params);
    message.success(text.trial.enqueued);
  });

  return { hide, unhide, remove, tag, enqueue };
}
