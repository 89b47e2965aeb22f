import { checkOptions, type OptionSpec } from '../options.ts';
import { rowStates, type StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import { FinishedRows } from './finished-rows.ts';
import type { Terminator } from './terminator.ts';

export interface NoImprovementOptions {
  /** Finished trials in a row (complete, pruned or failed) without improvement. @default 30 */
  nTrials?: number;
  /** What counts as improvement: more than this, at least 0. @default 0 */
  minImprovement?: number;
}

export const noImprovementOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nTrials',
    title: 'Trials without improvement',
    description: 'So many finished trials in a row without a better value end the study.',
    isInteger: true,
    min: 1,
    default: 30,
  },
  {
    type: 'number',
    name: 'minImprovement',
    title: 'Smallest improvement',
    description: 'What counts as improvement: more than this.',
    min: 0,
    default: 0,
  },
];

/**
 * Ends a study that has stopped improving. A trial improves when it is complete and feasible and no earlier one is as good in every
 * objective; with one objective that is a new best value. Before the first such trial nothing is counted.
 */
export class NoImprovementTerminator implements Terminator {
  readonly name = 'no-improvement';
  readonly reason: string;
  readonly #options: Required<NoImprovementOptions>;
  readonly #rows = new FinishedRows();
  /** Losses of the trials that are the best so far: one, or the Pareto front. */
  #best: number[][] = [];
  #nSince = 0;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: NoImprovementOptions = {}) {
    this.#options = checkOptions('NoImprovementTerminator', noImprovementOptions, options);
    this.reason = `${this.#options.nTrials} trials in a row brought no better value`;
  }

  async shouldTerminate(study: StudyView): Promise<boolean> {
    const history = await study.getHistory();
    this.#rows.read(
      history,
      () => {
        this.#best = [];
        this.#nSince = 0;
      },
      (row) => {
        if (this.#improves(history, row)) this.#nSince = 0;
        else if (this.#best.length > 0) this.#nSince++;
      },
    );
    return this.#nSince >= this.#options.nTrials;
  }

  #improves(history: StudyHistory, row: number): boolean {
    if (history.states[row] !== rowStates.complete || history.violations[row] !== 0) return false;
    const losses = history.directions.map((direction, k) => {
      const value = history.values[k]?.[row] as number;
      return direction === 'minimize' ? value : -value;
    });
    const { minImprovement } = this.#options;
    const isNew = this.#best.every((other) =>
      losses.some((loss, k) => loss < (other[k] as number) - minImprovement),
    );
    if (!isNew) return false;
    this.#best = this.#best.filter((other) =>
      other.some((loss, k) => loss < (losses[k] as number)),
    );
    this.#best.push(losses);
    return true;
  }
}
