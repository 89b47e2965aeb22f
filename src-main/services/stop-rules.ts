import type { StudySpec } from '../training/spec.ts';
import type { StudyView } from '../tuner/study/study-view.ts';
import type { StudyEnd } from '../tuner/system-attrs.ts';
import { createTerminator } from '../tuner/terminators/registry.ts';
import type { Terminator } from '../tuner/terminators/terminator.ts';

/** The rules of a spec by which its study may end before all its trials are run. For one run. */
export class StopRules {
  #terminators: readonly Terminator[];

  constructor({ target, noImprovementTrials, rules }: StudySpec['stop']) {
    this.#terminators = [
      ...(target === undefined ? [] : [createTerminator('target-value', { value: target })]),
      ...(noImprovementTrials === undefined
        ? []
        : [createTerminator('no-improvement', { nTrials: noImprovementTrials })]),
      ...rules.map(({ type, options }) => createTerminator(type, options)),
    ];
  }

  /** The first rule by which the study ends now, or null. */
  async endOf(study: StudyView): Promise<StudyEnd | null> {
    for (const terminator of this.#terminators)
      if (await terminator.shouldTerminate(study)) return toEnd(terminator);
    return null;
  }

  /** Who goes on with a study that has ended wants more trials: the rules that it fulfils already are not asked in this run. */
  async leaveOutFulfilled(study: StudyView): Promise<StudyEnd[]> {
    const open: Terminator[] = [];
    const fulfilled: StudyEnd[] = [];
    for (const terminator of this.#terminators)
      if (await terminator.shouldTerminate(study)) fulfilled.push(toEnd(terminator));
      else open.push(terminator);
    this.#terminators = open;
    return fulfilled;
  }
}

function toEnd({ name, reason }: Terminator): StudyEnd {
  return { rule: name, reason };
}
