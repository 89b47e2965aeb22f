import { shallowRef, watch, type ShallowRef } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { text } from '../text.ts';
import { hasCode, toShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';
import type { UseTableReadingsReturn } from './useTableReadings.ts';

/** How many finished trials of a study another one could begin with, or why none. */
export type TakenTrials =
  { readonly nTaken: number; readonly nFinished: number } | { readonly refusal: string };

/**
 * Counts the trials that fit, anew whenever the question changes.
 *
 * @param question null while there is nothing to count.
 * @param follow Shows how far the reading of the table is, on which the answer depends.
 * @returns null while it is not known.
 */
export function useTakenTrials(
  question: () => { readonly spec: SpecData; readonly trialsFrom: StudyKey } | null,
  follow: UseTableReadingsReturn['follow'],
): ShallowRef<TakenTrials | null> {
  const channel = useChannel();
  const taken = shallowRef<TakenTrials | null>(null);
  watch(question, async (asked, _, onCleanup) => {
    if (!asked) {
      taken.value = null;
      return;
    }
    const abort = new AbortController();
    let isOver = false;
    onCleanup(() => {
      isOver = true;
      abort.abort();
    });
    const { table } = (asked.spec.data ?? {}) as SpecData;
    const answer = await follow(
      String(table),
      (signal) => channel.call('studies.countTaken', asked, signal),
      abort,
    ).then(
      ({ nTaken, nLeft }) => ({ nTaken, nFinished: nTaken + nLeft }),
      (error: unknown) => ({
        refusal: hasCode(error, 'ABORTED') ? text.wizard.notRead : toShownError(error).message,
      }),
    );
    if (!isOver) taken.value = answer;
  });
  return taken;
}
