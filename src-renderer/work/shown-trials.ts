import type { TrialAnnotations } from '../../src-main/contract/trials.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { trialFields, type Field } from '../trials/fields.ts';
import { filterTrials, type Filter, type FilteredTrials } from '../trials/filter.ts';
import type { TrialView } from '../trials/trial-view.ts';

/** How the trials of a study are looked at. */
export interface Look {
  readonly annotations: TrialAnnotations;
  readonly showsHidden: boolean;
  readonly metricNames: readonly string[] | null;
  readonly directions: readonly StudyDirection[];
  readonly filters: readonly Filter[];
}

/** The trials of a study as they are shown: what charts and tables are computed from. */
export interface ShownTrials {
  readonly look: Look;
  /** Hidden ones too. */
  readonly all: TrialView;
  readonly view: TrialView;
  readonly fields: readonly Field[];
  readonly filtered: FilteredTrials;
}

/**
 * Fields and filters are computed when they are asked for.
 *
 * @param view All trials with their marks, without those that are not to be shown: what `markView` makes of them.
 */
export function createShownTrials(all: TrialView, view: TrialView, look: Look): ShownTrials {
  let fields: readonly Field[] | undefined;
  let filtered: FilteredTrials | undefined;
  return {
    look,
    all,
    view,
    get fields() {
      return (fields ??= trialFields(view, look.metricNames, look.directions));
    },
    get filtered() {
      return (filtered ??= filterTrials(view, look.filters, this.fields));
    },
  };
}
