import type { StudyHistory } from '../study/study-history.ts';

/** Reads the finished trials of a study once each, in the order in which they finished; anew when one was deleted. */
export class FinishedRows {
  #history: StudyHistory | null = null;
  #epoch = -1;
  #nRead = 0;

  /**
   * @param startOver Called before the first row, and when what was read is void.
   * @param take Called with each row that has not been read.
   */
  read(history: StudyHistory, startOver: () => void, take: (row: number) => void): void {
    if (this.#history !== history || this.#epoch !== history.epoch) {
      this.#history = history;
      this.#epoch = history.epoch;
      this.#nRead = 0;
      startOver();
    }
    while (this.#nRead < history.nFinished) take(history.finishedRows[this.#nRead++] as number);
  }
}
