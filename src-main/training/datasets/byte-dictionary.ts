/** Different texts, numbered in the order in which they come first. Texts are looked up as bytes, so that one that was seen before costs no string. */
export class ByteDictionary {
  /** Texts one behind the other; the i-th ends at `#ends[i]`. */
  #bytes = new Uint8Array(256);
  #ends = new Uint32Array(16);
  /** Open addressing: 1 + a text's number, 0 where there is none. */
  #slots = new Uint32Array(32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the text, a new one where it was not seen before; -1 where that would be number `limit`. */
  add(bytes: Uint8Array, start: number, end: number, limit = Infinity): number {
    let slot = hash(bytes, start, end) & (this.#slots.length - 1);
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) break;
      if (this.#equals(entry - 1, bytes, start, end)) return entry - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    if (this.#size >= limit) return -1;
    this.#append(bytes, start, end);
    this.#slots[slot] = this.#size;
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return this.#size - 1;
  }

  /** The texts, by number. */
  texts(): string[] {
    const decoder = new TextDecoder();
    return Array.from({ length: this.#size }, (_, i) =>
      decoder.decode(this.#bytes.subarray(this.#startOf(i), this.#ends[i])),
    );
  }

  #startOf(i: number): number {
    return i === 0 ? 0 : (this.#ends[i - 1] as number);
  }

  #equals(i: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#startOf(i);
    if ((this.#ends[i] as number) - from !== end - start) return false;
    for (let k = start, own = from; k < end; k++, own++)
      if (this.#bytes[own] !== bytes[k]) return false;
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const from = this.#startOf(this.#size);
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, 2 * to);
    if (this.#size === this.#ends.length) {
      const ends = new Uint32Array(2 * this.#size);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    for (let k = start, own = from; k < end; k++, own++) this.#bytes[own] = bytes[k] as number;
    this.#ends[this.#size++] = to;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(4 * this.#slots.length);
    for (let i = 0; i < this.#size; i++) {
      let slot =
        hash(this.#bytes, this.#startOf(i), this.#ends[i] as number) & (this.#slots.length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = i + 1;
    }
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/** FNV-1a, its high bits mixed into the low ones, which choose the slot. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let k = start; k < end; k++) value = Math.imul(value ^ (bytes[k] as number), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
