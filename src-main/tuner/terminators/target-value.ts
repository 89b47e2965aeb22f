import { InvalidArgumentError } from '../errors.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import { isBetter } from '../study/direction.ts';
import { rowStates } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import { FinishedRows } from './finished-rows.ts';
import type { Terminator } from './terminator.ts';

export interface TargetValueOptions {
  /** A value as good as this ends the study. */
  value: number;
  /** The objective it is a value of. @default the only one */
  objective?: number | null;
}

export const targetValueOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'value',
    title: 'Target',
    description: 'A value as good as this ends the study.',
  },
  {
    type: 'number',
    name: 'objective',
    title: 'Objective',
    description: 'The objective it is a value of, counted from 0; needed where there are several.',
    isInteger: true,
    min: 0,
    default: null,
  },
];

/** Ends a study when a complete and feasible trial is at least as good as a target. */
export class TargetValueTerminator implements Terminator {
  readonly name = 'target-value';
  readonly reason: string;
  readonly #options: { value: number; objective: number | null };
  readonly #rows = new FinishedRows();
  #isReached = false;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: TargetValueOptions) {
    this.#options = checkOptions('TargetValueTerminator', targetValueOptions, options);
    this.reason = `the target of ${this.#options.value} is reached`;
  }

  /** @throws InvalidArgumentError when the study does not have the objective, or has several and none was named. */
  async shouldTerminate(study: StudyView): Promise<boolean> {
    const nObjectives = study.directions.length;
    const objective = this.#options.objective ?? (nObjectives === 1 ? 0 : -1);
    const direction = study.directions[objective];
    if (!direction)
      throw new InvalidArgumentError(
        `TargetValueTerminator: \`objective\` must be the index of one of ${nObjectives} objectives, but got ${this.#options.objective}.`,
      );
    const history = await study.getHistory();
    const { value: target } = this.#options;
    this.#rows.read(
      history,
      () => (this.#isReached = false),
      (row) => {
        if (history.states[row] !== rowStates.complete || history.violations[row] !== 0) return;
        const value = history.values[objective]?.[row] as number;
        if (value === target || isBetter(direction, value, target)) this.#isReached = true;
      },
    );
    return this.#isReached;
  }
}
