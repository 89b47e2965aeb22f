import { computed, shallowRef, type ComputedRef } from 'vue';

import type { ShownTrials } from '../work/shown-trials.ts';
import type { TrialWorker, WorkAnswer, WorkRequest } from '../work/trial-worker.ts';
import type { WorkArgs, WorkName } from '../work/works.ts';
import { useStudy } from './useStudy.ts';

/** What work on trials needs to know of a study. */
export interface WorkSource {
  readonly worker: TrialWorker;
  readonly trials: () => ShownTrials;
}

/**
 * Something computed over the trials of the study that is shown: at once where they are few; otherwise in the worker, and the last
 * answer until the next one is here (null: none yet). To read it is to ask for it: what nobody looks at is not computed.
 */
export function useTrialWork<Name extends WorkName>(
  name: Name,
  args: () => WorkArgs<Name>,
): ComputedRef<WorkAnswer<Name> | null> {
  const { study, selection } = useStudy();
  return followTrialWork({ worker: study.worker, trials: () => selection.trials }, name, args);
}

/** The same outside of a page. */
export function followTrialWork<Name extends WorkName>(
  { worker, trials }: WorkSource,
  name: Name,
  args: () => WorkArgs<Name>,
): ComputedRef<WorkAnswer<Name> | null> {
  const answered = shallowRef<WorkAnswer<Name> | null>(null);
  const ask = worker.createAsker(name, (answer) => (answered.value = answer));
  const request = computed((): WorkRequest<Name> => ({ trials: trials(), args: args() }));
  return computed((before: WorkAnswer<Name> | null = null) => {
    const direct = worker.direct(name, request.value);
    if (direct) return direct;
    ask(request.value);
    return answered.value ?? before;
  });
}
