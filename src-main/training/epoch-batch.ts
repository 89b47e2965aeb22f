import { fromWireError } from './worker-protocol.ts';
import type { WireError } from './worker-protocol.ts';
import type { Epoch } from './train.ts';

/**
 * What a child says of epochs that it trained ahead, many in one message: a message costs as long as a short epoch, on either side. Rows of
 * `ROW_LENGTH` numbers: the epoch's, as in `Epoch`, then the step and the value that were reported.
 */
export interface EpochBatch {
  readonly id: number;
  readonly rows: Float64Array;
}

/** Where the trial ends, as the parent answers a batch: at the report of this row. */
export interface BatchEnd {
  readonly row: number;
  /** Why the report was refused; null: the trial is pruned. */
  readonly refusal: WireError | null;
}

const ROW_LENGTH = 8;

/** In the place of an epoch, of a step or of an accuracy that is not there; none of them is below 0. */
const NONE = -1;

/** How long what was said may be kept back. */
const MAX_KEPT_MS = 5;

/** Shorter than this it is not worth a message of its own. */
const MIN_KEPT_MS = 0.5;

/** The share of the time trained so far: what is trained in vain, as the answer would have been to give up, is no more than that. */
const KEPT_SHARE = 1 / 8;

export function countRows({ rows }: EpochBatch): number {
  return rows.length / ROW_LENGTH;
}

/** The epoch of a row, if it has one. */
export function epochOf({ rows }: EpochBatch, row: number): Epoch | null {
  const at = row * ROW_LENGTH;
  const epoch = rows[at] as number;
  if (epoch === NONE) return null;
  return {
    epoch,
    trainLoss: rows[at + 1] as number,
    trainAccuracy: accuracyOf(rows[at + 2] as number),
    valLoss: rows[at + 3] as number,
    valAccuracy: accuracyOf(rows[at + 4] as number),
    seconds: rows[at + 5] as number,
  };
}

/** The report of a row, if it has one. */
export function reportOf(
  { rows }: EpochBatch,
  row: number,
): { readonly step: number; readonly value: number } | null {
  const at = row * ROW_LENGTH + 6;
  const step = rows[at] as number;
  return step === NONE ? null : { step, value: rows[at + 1] as number };
}

function accuracyOf(number: number): number | null {
  return number === NONE ? null : number;
}

interface Asked {
  readonly row: number;
  answer(isPruned: boolean): void;
  refuse(error: Error): void;
}

/** The child's side: keeps back what a trial says of short epochs until it is worth a message. */
export class EpochGatherer {
  readonly #send: (batch: EpochBatch) => void;
  #rows: number[] = [];
  #asked: Asked[] = [];
  /** What was asked in batches that have not been answered. */
  readonly #sent = new Map<number, readonly Asked[]>();
  #nBatches = 0;
  #startedAtMs = 0;
  #firstAtMs = 0;

  constructor(send: (batch: EpochBatch) => void) {
    this.#send = send;
  }

  /** A trial begins. */
  start(): void {
    this.#startedAtMs = performance.now();
  }

  addEpoch({ epoch, trainLoss, trainAccuracy, valLoss, valAccuracy, seconds }: Epoch): void {
    this.#add([
      epoch,
      trainLoss,
      trainAccuracy ?? NONE,
      valLoss,
      valAccuracy ?? NONE,
      seconds,
      NONE,
      NaN,
    ]);
  }

  /** Whether the trial is to be given up at this step. */
  report(value: number, step: number): Promise<boolean> {
    const end = this.#rows.length;
    const belongsToEpoch = end > 0 && this.#rows[end - 2] === NONE;
    if (belongsToEpoch) {
      this.#rows[end - 2] = step;
      this.#rows[end - 1] = value;
    } else this.#add([NONE, NaN, NONE, NaN, NONE, NaN, step, value]);
    const row = this.#rows.length / ROW_LENGTH - 1;
    return new Promise((resolve, reject) => {
      this.#asked.push({ row, answer: resolve, refuse: reject });
    });
  }

  /**
   * To be told when nothing more is said for about so long: what would be kept back for too long is sent now.
   *
   * @param expectedMs Infinity: until what was reported is answered.
   */
  beforeSilence(expectedMs: number): void {
    if (this.#rows.length === 0) return;
    const nowMs = performance.now();
    const keptMs = Math.max(MIN_KEPT_MS, KEPT_SHARE * (nowMs - this.#startedAtMs));
    if (nowMs + expectedMs - this.#firstAtMs > Math.min(keptMs, MAX_KEPT_MS)) this.flush();
  }

  flush(): void {
    if (this.#rows.length === 0) return;
    const id = this.#nBatches++;
    if (this.#asked.length > 0) this.#sent.set(id, this.#asked);
    const rows = Float64Array.from(this.#rows);
    this.#rows = [];
    this.#asked = [];
    this.#send({ id, rows });
  }

  /** @param end null: the trial goes on after all reports of the batch. */
  onAnswer(id: number, end: BatchEnd | null): void {
    const asked = this.#sent.get(id) ?? [];
    this.#sent.delete(id);
    for (const question of asked)
      if (end === null || question.row < end.row) question.answer(false);
      else settle(question, end);
    if (end === null) return;
    // What came after it has not happened.
    for (const question of this.#asked) settle(question, end);
    this.#asked = [];
    this.#rows = [];
  }

  /** Nothing that was asked will be answered. */
  giveUp(error: Error): void {
    const unanswered = [...this.#sent.values(), this.#asked].flat();
    this.#sent.clear();
    this.#asked = [];
    this.#rows = [];
    for (const { refuse } of unanswered) refuse(error);
  }

  #add(row: readonly number[]): void {
    if (this.#rows.length === 0) this.#firstAtMs = performance.now();
    this.#rows.push(...row);
  }
}

function settle({ answer, refuse }: Asked, { refusal }: BatchEnd): void {
  if (refusal === null) answer(true);
  else refuse(fromWireError(refusal));
}
