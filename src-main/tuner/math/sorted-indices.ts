/**
 * Indices kept in the order of a key, so that one more or less costs a binary search and a short copy instead of a sort.
 * Equal keys are in the order of the indices, so the order depends only on what is contained.
 */
export class SortedIndices {
  readonly #compare: (a: number, b: number) => number;
  #items = new Int32Array(64);
  #length = 0;

  /** @param compareKeys As for `Array.prototype.sort`, of the keys that two indices stand for. A key must not change while its index is contained. */
  constructor(compareKeys: (a: number, b: number) => number) {
    this.#compare = (a, b) => compareKeys(a, b) || a - b;
  }

  get length(): number {
    return this.#length;
  }

  /** The index at a position from 0 to length - 1. */
  at(position: number): number {
    return this.#items[position] as number;
  }

  /** The indices in order; valid until the next change. */
  view(): Int32Array {
    return this.#items.subarray(0, this.#length);
  }

  /** The number of contained indices that come before this one: its position where it is contained. */
  positionOf(index: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as number, index) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(index: number): boolean {
    const position = this.positionOf(index);
    return position < this.#length && this.#items[position] === index;
  }

  /** Adds an index that is not contained. @returns Its position. */
  insert(index: number): number {
    const position = this.positionOf(index);
    this.#reserve(this.#length + 1);
    this.#items.copyWithin(position + 1, position, this.#length++);
    this.#items[position] = index;
    return position;
  }

  /** Adds many indices, none of them contained; cheaper than one by one when they are many. */
  insertAll(indices: ArrayLike<number>): void {
    if (indices.length < 32 + this.#length / 64) {
      for (let i = 0; i < indices.length; i++) this.insert(indices[i] as number);
      return;
    }
    this.#reserve(this.#length + indices.length);
    this.#items.set(indices, this.#length);
    this.#length += indices.length;
    this.view().sort(this.#compare);
  }

  /** Removes an index that is contained. @returns The position it had. */
  remove(index: number): number {
    const position = this.positionOf(index);
    this.#items.copyWithin(position, position + 1, this.#length--);
    return position;
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#items.length) return;
    const items = new Int32Array(Math.max(length, this.#items.length * 2));
    items.set(this.#items);
    this.#items = items;
  }
}

/** Orders numbers ascending; NaN comes last. */
export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
