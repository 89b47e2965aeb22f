import { shallowRef, watch, type ShallowRef } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { toShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';

/** How many finished trials of a study another one could begin with, or why none. */
export type TakenTrials =
  { readonly nTaken: number; readonly nFinished: number } | { readonly refusal: string };

/**
 * Counts the trials that fit, anew whenever the question changes.
 *
 * @param question null while there is nothing to count.
 * @returns null while it is not known.
 */
export function useTakenTrials(
  question: () => { readonly spec: SpecData; readonly trialsFrom: StudyKey } | null,
): ShallowRef<TakenTrials | null> {
  const channel = useChannel();
  const taken = shallowRef<TakenTrials | null>(null);
  let nAsked = 0;
  watch(question, async (asked) => {
    const mine = ++nAsked;
    if (!asked) {
      taken.value = null;
      return;
    }
    const answer = await channel.call('studies.countTaken', asked).then(
      ({ nTaken, nLeft }) => ({ nTaken, nFinished: nTaken + nLeft }),
      (error: unknown) => ({ refusal: toShownError(error).message }),
    );
    if (mine === nAsked) taken.value = answer;
  });
  return taken;
}
