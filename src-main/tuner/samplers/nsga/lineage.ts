import { rowStates, type StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';
import { Generations, toNumbers, type GenerationMark } from '../generations.ts';

/** Trial: numbers of the parents of its generation, on the trial that opened it. */
export const PARENTS = 'parzen:parents';

/** The parents of a generation, chosen from trials that are given by their numbers. */
export type SelectParents = (rows: readonly number[], generation: number) => readonly number[];

/** Which trial of a study belongs to which generation, and descends from which; all of it follows from the trials. */
export class Lineage {
  readonly #history: StudyHistory;
  readonly #size: number;
  readonly #select: SelectParents;
  readonly #generations: Generations<GenerationMark>;
  readonly #parents = new Map<number, readonly number[]>();
  #nResets = 0;

  /**
   * @param generationKey The trial attribute that tells the generation.
   * @param size Complete trials that a generation needs.
   */
  constructor(history: StudyHistory, generationKey: string, size: number, select: SelectParents) {
    this.#history = history;
    this.#size = size;
    this.#select = select;
    this.#generations = new Generations(
      history,
      ({ systemAttrs }: FrozenTrial) => {
        const generation = systemAttrs[generationKey];
        if (typeof generation !== 'number') return null;
        return { generation, parents: toNumbers(systemAttrs[PARENTS]) };
      },
      (row) => history.states[row] === rowStates.complete,
    );
  }

  async refresh(study: StudyView): Promise<void> {
    await this.#generations.refresh(study);
    if (this.#generations.nResets === this.#nResets) return;
    this.#nResets = this.#generations.nResets;
    this.#parents.clear();
  }

  /** The generation of a trial that begins now. */
  get current(): number {
    const { latest } = this.#generations;
    if (latest < 0) return 0;
    return this.#generations.members(latest).size < this.#size ? latest : latest + 1;
  }

  /** Whether the trial should tell who the parents of its generation are, as no earlier one does. */
  opens(trialNumber: number, generation: number): boolean {
    return trialNumber <= (this.#generations.record(generation)?.by ?? Infinity);
  }

  /** Numbers of the trials from which a generation descends; none for the first. */
  parents(generation: number): readonly number[] {
    let first = generation;
    while (first > 0 && !this.#known(first)) first--;
    for (let g = first + 1; g <= generation; g++) {
      const members = [...this.#generations.members(g - 1).keys()];
      this.#parents.set(g, this.#select([...members, ...this.parents(g - 1)], g));
    }
    return this.#known(generation) ?? [];
  }

  #known(generation: number): readonly number[] | undefined {
    const recorded = this.#generations.record(generation)?.parents;
    const isPossible =
      recorded?.every((row) => this.#history.states[row] === rowStates.complete) ?? false;
    return isPossible ? recorded : this.#parents.get(generation);
  }
}
