/** What receives the cells of a table as they are read. Nothing is kept of `bytes` after a call: it is used again. */
export interface CellReceiver {
  /** The cell's text is `bytes` from `start` to before `end`, UTF-8, without its quotes, and without the spaces around it where it had none. */
  onCell(column: number, bytes: Uint8Array, start: number, end: number): void;
  /** A record is complete. Blank lines are none. */
  onRecord(nCells: number): void;
  /** The record that is being read is not as it should be in this column. */
  onFlaw(flaw: CsvFlaw, column: number): void;
}

/** `textAfterQuote`: more than spaces between a closing quote and the delimiter; `openQuote`: the quote is never closed; `nul`: a byte 0. */
export type CsvFlaw = 'textAfterQuote' | 'openQuote' | 'nul';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;

/** A cell longer than this has a quote that was not closed; reading on would take in the rest of the file. */
const MAX_CELL_BYTES = 2 ** 20;

/**
 * Cells of delimited text, from bytes of UTF-8 that come in blocks. It works on bytes because most cells are numbers, and text made of each would cost more
 * than all the rest.
 *
 * As RFC 4180, and as files in the wild are: lines end in CR LF, LF or CR; blank lines are skipped; spaces around cells do not count; quotes inside of a
 * cell that does not begin with one are text, and so is a quote that is never closed.
 */
export class CsvTokenizer {
  /** The line that is being read, counted from 1. */
  line = 1;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #receiver: CellReceiver;
  /** What was read and not yet used: the beginning of a cell. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Where the rest and the next block are laid out one behind the other. */
  #room: Uint8Array = new Uint8Array(0);
  /** Quoted cells without what is not theirs. */
  #scratch: Uint8Array = new Uint8Array(1024);
  #column = 0;
  #endsWithReturn = false;
  #hasNul = false;

  /** @param options.delimiter, quote One character of ASCII each. */
  constructor({ delimiter, quote }: { delimiter: string; quote: string }, receiver: CellReceiver) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote.charCodeAt(0);
    this.#receiver = receiver;
  }

  /** @param block May be used again when this returns. */
  write(block: Uint8Array): void {
    const nBytes = this.#rest.length + block.length;
    if (this.#room.length < nBytes) this.#room = new Uint8Array(nBytes + 2 ** 16);
    this.#room.set(this.#rest);
    this.#room.set(block, this.#rest.length);
    this.#hasNul = this.#room.subarray(0, nBytes).includes(0);
    const used = this.#read(this.#room, nBytes, false);
    this.#rest = this.#room.slice(used, nBytes);
  }

  /** Reads what is left as the last record. */
  end(): void {
    this.#read(this.#rest, this.#rest.length, true);
    this.#rest = new Uint8Array(0);
    if (this.#column === 0) return;
    this.#receiver.onCell(this.#column, this.#scratch, 0, 0);
    this.#finishRecord();
  }

  /** @returns Where the first cell begins that may go on in the next block. */
  #read(bytes: Uint8Array, end: number, isLast: boolean): number {
    let start = 0;
    if (this.#endsWithReturn && end > 0) {
      if (bytes[0] === NEWLINE) start++;
      this.#endsWithReturn = false;
    }
    while (start < end) {
      let i = start;
      while (i < end && this.#isBlank(bytes[i] as number)) i++;
      let next = -1;
      if (i < end && bytes[i] === this.#quote) {
        next = this.#readQuoted(bytes, i + 1, end, isLast);
        if (next < 0 && !isLast && end - start <= MAX_CELL_BYTES) return start;
        if (next < 0) this.#receiver.onFlaw('openQuote', this.#column);
      }
      if (next < 0) {
        next = this.#endOfCell(bytes, i, end);
        if (next === end && !isLast) return start;
        if (!this.#readPlain(bytes, i, next, end)) {
          start = this.#endLine(bytes, next, end);
          continue;
        }
      }
      if (next < end && bytes[next] === this.#delimiter) {
        this.#column++;
        start = next + 1;
      } else {
        this.#finishRecord();
        start = this.#endLine(bytes, next, end);
      }
    }
    return end;
  }

  /** @returns false where the cell is a blank line. */
  #readPlain(bytes: Uint8Array, start: number, next: number, end: number): boolean {
    let last = next;
    while (last > start && this.#isBlank(bytes[last - 1] as number)) last--;
    const isLine = next === end || bytes[next] !== this.#delimiter;
    if (isLine && this.#column === 0 && last === start) return false;
    this.#emit(bytes, start, last);
    return true;
  }

  /** @returns Where the delimiter or line end after the cell is; -1 where the closing quote, or what follows it, is not there. */
  #readQuoted(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const quote = this.#quote;
    let close = start;
    let nKept = 0;
    let from = start;
    for (;;) {
      while (close < end && bytes[close] !== quote) close++;
      if (close === end || (close + 1 === end && !isLast)) return -1;
      if (bytes[close + 1] !== quote || close + 1 === end) break;
      // A doubled quote stands for one.
      nKept = this.#keep(bytes, from, close + 1, nKept);
      close += 2;
      from = close;
    }
    let after = close + 1;
    while (after < end && this.#isBlank(bytes[after] as number)) after++;
    if (after === end && !isLast) return -1;
    const next = this.#endOfCell(bytes, after, end);
    if (next === end && !isLast) return -1;
    let line = 0;
    for (let i = start; i < close; i++) if (bytes[i] === NEWLINE) line++;
    this.line += line;
    if (next > after) {
      this.#receiver.onFlaw('textAfterQuote', this.#column);
      nKept = this.#keep(bytes, from, close, nKept);
      nKept = this.#keep(bytes, close + 1, next, nKept);
      this.#emit(this.#scratch, 0, nKept);
    } else if (from === start) this.#emit(bytes, start, close);
    else {
      nKept = this.#keep(bytes, from, close, nKept);
      this.#emit(this.#scratch, 0, nKept);
    }
    return next;
  }

  /** Copies to the scratch pad, behind what is kept there already. */
  #keep(bytes: Uint8Array, start: number, end: number, nKept: number): number {
    const nAll = nKept + end - start;
    if (this.#scratch.length < nAll) {
      const larger = new Uint8Array(2 * nAll);
      larger.set(this.#scratch.subarray(0, nKept));
      this.#scratch = larger;
    }
    this.#scratch.set(bytes.subarray(start, end), nKept);
    return nAll;
  }

  #endOfCell(bytes: Uint8Array, start: number, end: number): number {
    const delimiter = this.#delimiter;
    let i = start;
    while (i < end) {
      const byte = bytes[i];
      if (byte === delimiter || byte === NEWLINE || byte === RETURN) break;
      i++;
    }
    return i;
  }

  #emit(bytes: Uint8Array, start: number, end: number): void {
    if (this.#hasNul && bytes.subarray(start, end).includes(0))
      this.#receiver.onFlaw('nul', this.#column);
    this.#receiver.onCell(this.#column, bytes, start, end);
  }

  #finishRecord(): void {
    const nCells = this.#column + 1;
    this.#column = 0;
    this.#receiver.onRecord(nCells);
  }

  /** @returns Where the next line begins. */
  #endLine(bytes: Uint8Array, at: number, end: number): number {
    this.line++;
    if (at >= end) return end;
    if (bytes[at] !== RETURN) return at + 1;
    if (at + 1 === end) this.#endsWithReturn = true;
    return at + 1 < end && bytes[at + 1] === NEWLINE ? at + 2 : at + 1;
  }

  /** Spaces and tabs do not count at the ends of a cell, unless they are what the format makes something else of. */
  #isBlank(byte: number): boolean {
    return (byte === SPACE || byte === TAB) && byte !== this.#delimiter && byte !== this.#quote;
  }
}
