import type { Distribution, SearchSpace } from '../distributions.ts';
import { rowStates, type StudyHistory } from '../study/study-history.ts';
import { setOwn } from '../own-entries.ts';

/**
 * The parameters seen so far, divided into groups such that every trial has either all parameters of a group or none of them, with as few
 * groups as that allows (`_GroupDecomposedSearchSpace` of Optuna). Each group is by name, with the latest distributions; the groups are by
 * their first name. Costs in proportion to the trials that finished since the last call for this history.
 */
export function groupedSearchSpaces(
  history: StudyHistory,
  { withPruned = false }: { withPruned?: boolean } = {},
): readonly SearchSpace[] {
  const perHistory = withPruned ? withPrunedTrials : completeTrialsOnly;
  let groups = perHistory.get(history);
  if (!groups) perHistory.set(history, (groups = new Groups(withPruned)));
  return groups.of(history);
}

const completeTrialsOnly = new WeakMap<StudyHistory, Groups>();
const withPrunedTrials = new WeakMap<StudyHistory, Groups>();

class Groups {
  readonly #withPruned: boolean;
  #epoch = -1;
  #nRead = 0;
  #groups: ReadonlySet<string>[] = [];

  constructor(withPruned: boolean) {
    this.#withPruned = withPruned;
  }

  of(history: StudyHistory): readonly SearchSpace[] {
    if (this.#epoch !== history.epoch) {
      this.#epoch = history.epoch;
      this.#nRead = 0;
      this.#groups = [];
    }
    for (; this.#nRead < history.nFinished; this.#nRead++) {
      const row = history.finishedRows[this.#nRead] as number;
      const state = history.states[row];
      if (state === rowStates.complete || (this.#withPruned && state === rowStates.pruned))
        this.#divide(namesOf(history, row));
    }
    return this.#groups
      .map((group) => [...group].sort())
      .sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1))
      .map((names) => toSearchSpace(history, names));
  }

  #divide(names: Set<string>): void {
    const isKnown = this.#groups.some(
      (group) => group.size === names.size && [...group].every((name) => names.has(name)),
    );
    if (isKnown) return;
    const divided: Set<string>[] = [];
    for (const group of this.#groups) {
      divided.push(new Set([...group].filter((name) => names.has(name))));
      divided.push(new Set([...group].filter((name) => !names.has(name))));
      for (const name of group) names.delete(name);
    }
    divided.push(names);
    this.#groups = divided.filter((group) => group.size > 0);
  }
}

function namesOf(history: StudyHistory, row: number): Set<string> {
  const names = new Set<string>();
  for (const [name, column] of history.params)
    if (!Number.isNaN(column.values[row])) names.add(name);
  return names;
}

function toSearchSpace(history: StudyHistory, names: readonly string[]): SearchSpace {
  const space: Record<string, Distribution> = {};
  for (const name of names)
    setOwn(space, name, history.params.get(name)?.latestDistribution as Distribution);
  return space;
}
