import type { Distribution, SearchSpace } from '../distributions.ts';
import { rowStates, type StudyHistory } from '../study/study-history.ts';
import { setOwn } from '../own-entries.ts';

/**
 * The parameters that all complete trials have had, always with the same distribution, by name (`IntersectionSearchSpace` of Optuna).
 * Costs in proportion to the trials that finished since the last call for this history.
 *
 * @param options.withPruned Pruned trials count too. @default false
 */
export function intersectionSearchSpace(
  history: StudyHistory,
  { withPruned = false }: { withPruned?: boolean } = {},
): SearchSpace {
  const perHistory = withPruned ? withPrunedTrials : completeTrialsOnly;
  let intersection = perHistory.get(history);
  if (!intersection) perHistory.set(history, (intersection = new Intersection(withPruned)));
  return intersection.of(history);
}

const completeTrialsOnly = new WeakMap<StudyHistory, Intersection>();
const withPrunedTrials = new WeakMap<StudyHistory, Intersection>();

class Intersection {
  readonly #withPruned: boolean;
  #epoch = -1;
  #nRead = 0;
  /** Name -> id of the distribution in the history's column; null before the first trial. */
  #ids: Map<string, number> | null = null;
  #space: SearchSpace = {};

  constructor(withPruned: boolean) {
    this.#withPruned = withPruned;
  }

  of(history: StudyHistory): SearchSpace {
    let isChanged = false;
    if (this.#epoch !== history.epoch) {
      this.#epoch = history.epoch;
      this.#nRead = 0;
      this.#ids = null;
      isChanged = true;
    }
    for (; this.#nRead < history.nFinished; this.#nRead++)
      if (this.#intersect(history, history.finishedRows[this.#nRead] as number)) isChanged = true;
    if (isChanged) this.#space = this.#build(history);
    return this.#space;
  }

  /** @returns Whether the intersection is another one now. */
  #intersect(history: StudyHistory, row: number): boolean {
    const state = history.states[row];
    if (state !== rowStates.complete && !(this.#withPruned && state === rowStates.pruned))
      return false;
    if (this.#ids === null) {
      this.#ids = new Map();
      for (const [name, column] of history.params)
        if (!Number.isNaN(column.values[row]))
          this.#ids.set(name, column.distributionIds[row] as number);
      return true;
    }
    const before = this.#ids.size;
    for (const [name, id] of this.#ids) {
      const column = history.params.get(name);
      if (!column || Number.isNaN(column.values[row]) || column.distributionIds[row] !== id)
        this.#ids.delete(name);
    }
    return this.#ids.size !== before;
  }

  #build(history: StudyHistory): SearchSpace {
    const space: Record<string, Distribution> = {};
    for (const name of [...(this.#ids?.keys() ?? [])].sort())
      setOwn(
        space,
        name,
        history.params.get(name)?.distributions[this.#ids?.get(name) as number] as Distribution,
      );
    return space;
  }
}
