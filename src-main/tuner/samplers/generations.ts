import type { StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import type { AttrValue, FrozenTrial } from '../trial/frozen-trial.ts';

/** What an evolutionary sampler leaves on a trial. */
export interface GenerationMark {
  readonly generation: number;
  /** Numbers of the trials that the generation descends from, on the trial that opened it. */
  readonly parents?: readonly number[];
}

/**
 * The generations of an evolutionary sampler, as the attributes of a study's trials tell. It costs what finished since the last look.
 *
 * With several trials at once, which trials a generation descends from depends on when they finished. So the trial that opens a generation
 * says so, and where several do, the one with the lowest number is believed: every process that reads the study agrees then.
 */
export class Generations<Mark extends GenerationMark> {
  readonly #history: StudyHistory;
  readonly #readMark: (trial: FrozenTrial) => Mark | null;
  readonly #isMember: (row: number) => boolean;
  readonly #members = new Map<number, Map<number, Mark>>();
  readonly #records = new Map<number, { by: number; parents: readonly number[] }>();
  #epoch = -1;
  #nRead = 0;
  #nResets = 0;
  #nRecords = 0;
  #latest = -1;

  /**
   * @param readMark What the trial's attributes say; null where they say nothing that can be used.
   * @param isMember Whether a finished trial counts, by its result.
   */
  constructor(
    history: StudyHistory,
    readMark: (trial: FrozenTrial) => Mark | null,
    isMember: (row: number) => boolean,
  ) {
    this.#history = history;
    this.#readMark = readMark;
    this.#isMember = isMember;
  }

  /** Grows when trials were deleted: what followed from generations is void then. */
  get nResets(): number {
    return this.#nResets;
  }

  async refresh(study: StudyView): Promise<void> {
    // Trials that the history knows as finished are so in a list that is fetched later.
    const { nFinished, epoch } = this.#history;
    const trials = this.#epoch !== epoch || this.#nRead < nFinished ? await study.getTrials() : [];
    if (epoch !== this.#history.epoch) return this.refresh(study);

    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#nResets++;
      this.#nRead = 0;
      this.#latest = -1;
      this.#members.clear();
      this.#records.clear();
    }
    while (this.#nRead < nFinished) {
      const row = this.#history.finishedRows[this.#nRead++] as number;
      const trial = findByNumber(trials, row);
      const mark = trial && this.#readMark(trial);
      if (!mark) continue;
      this.#note(row, mark);
      if (this.#isMember(row)) this.#generation(mark.generation).set(row, mark);
    }
    for (const [row, trial] of this.#history.running) {
      const mark = this.#readMark(trial);
      if (mark) this.#note(row, mark);
    }
  }

  /** Grows when a generation got another record. */
  get nRecords(): number {
    return this.#nRecords;
  }

  /** The finished trials of a generation, in the order in which they finished. */
  members(generation: number): ReadonlyMap<number, Mark> {
    return this.#members.get(generation) ?? new Map<number, Mark>();
  }

  /** The highest generation with finished trials; -1 where there is none. */
  get latest(): number {
    return this.#latest;
  }

  /** What a generation descends from, if a trial says so, and which. */
  record(generation: number): { by: number; parents: readonly number[] } | null {
    return this.#records.get(generation) ?? null;
  }

  #generation(generation: number): Map<number, Mark> {
    let members = this.#members.get(generation);
    if (!members) this.#members.set(generation, (members = new Map()));
    this.#latest = Math.max(this.#latest, generation);
    return members;
  }

  #note(row: number, { generation, parents }: Mark): void {
    if (!parents) return;
    const known = this.#records.get(generation);
    if (known && known.by <= row) return;
    this.#records.set(generation, { by: row, parents });
    this.#nRecords++;
  }
}

/** A list of whole numbers, if it is one. */
export function toNumbers(value: AttrValue | undefined): number[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
    ? (value as number[])
    : undefined;
}

function findByNumber(trials: readonly FrozenTrial[], number: number): FrozenTrial | undefined {
  let low = 0;
  let high = trials.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((trials[middle]?.number as number) < number) low = middle + 1;
    else high = middle;
  }
  return trials[low]?.number === number ? trials[low] : undefined;
}
