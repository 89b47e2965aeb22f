import { powerSaveBlocker } from 'electron';

/** Keeps the machine, not its screen, from going to sleep by itself. */
export class SleepBlocker {
  #id: number | null = null;

  /** Blocks sleep or lets go of it; saying the same again does nothing. */
  set(isBlocked: boolean): void {
    if (isBlocked && this.#id === null) {
      this.#id = powerSaveBlocker.start('prevent-app-suspension');
    } else if (!isBlocked && this.#id !== null) {
      powerSaveBlocker.stop(this.#id);
      this.#id = null;
    }
  }
}
