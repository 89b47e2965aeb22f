/**
 * The hypervolume of points that come one after another. All objectives are minimized.
 *
 * A point adds what it dominates alone: for two objectives the strips of a staircase, found by binary search; for three the
 * integral, over the third, of the part of the plane that no earlier point covers (the dimension sweep of Fonseca, Paquete and
 * Lopez-Ibanez, "An improved dimension-sweep algorithm for the hypervolume indicator", CEC 2006); for more, by WFG.
 */
import { hypervolume } from './hypervolume.ts';

export class GrowingHypervolume {
  readonly #reference: Float64Array;
  readonly #front: Front;
  #volume = 0;

  /** @param reference One finite number per objective. */
  constructor(reference: ArrayLike<number>) {
    this.#reference = Float64Array.from(reference);
    const [x = 0, y = 0, z = 0] = this.#reference;
    if (reference.length === 2) this.#front = new Staircase(x, y);
    else if (reference.length === 3) this.#front = new Hull(x, y, z);
    else this.#front = new Points(this.#reference);
  }

  get volume(): number {
    return this.#volume;
  }

  /** Adds a point without NaN. One that is not below the reference point in every objective adds nothing. @returns The volume then. */
  add(point: ArrayLike<number>): number {
    let isInfinite = false;
    for (let k = 0; k < this.#reference.length; k++) {
      const value = point[k] as number;
      if (!(value < (this.#reference[k] as number))) return this.#volume;
      if (value === -Infinity) isInfinite = true;
    }
    if (isInfinite) this.#volume = Infinity;
    else if (this.#volume < Infinity) this.#volume += this.#front.add(point);
    return this.#volume;
  }
}

interface Front {
  /** Takes a point into the front unless it is dominated, drops those it dominates. @returns The volume it adds. */
  add(point: ArrayLike<number>): number;
}

/** Two objectives: points by ascending x, and so by descending y. */
class Staircase implements Front {
  readonly #referenceX: number;
  readonly #referenceY: number;
  #xs = new Float64Array(16);
  #ys = new Float64Array(16);
  #length = 0;

  constructor(referenceX: number, referenceY: number) {
    this.#referenceX = referenceX;
    this.#referenceY = referenceY;
  }

  clear(): void {
    this.#length = 0;
  }

  add(point: ArrayLike<number>): number {
    return this.addAt(point[0] as number, point[1] as number);
  }

  addAt(x: number, y: number): number {
    const start = this.#firstFrom(x);
    let ceiling = start === 0 ? this.#referenceY : (this.#ys[start - 1] as number);
    if (ceiling <= y) return 0;
    if (start < this.#length && this.#xs[start] === x && (this.#ys[start] as number) <= y) return 0;
    let area = 0;
    let from = x;
    let end = start;
    for (; end < this.#length && (this.#ys[end] as number) >= y; end++) {
      area += ((this.#xs[end] as number) - from) * (ceiling - y);
      from = this.#xs[end] as number;
      ceiling = this.#ys[end] as number;
    }
    const to = end < this.#length ? (this.#xs[end] as number) : this.#referenceX;
    area += (to - from) * (ceiling - y);
    this.#replace(start, end, x, y);
    return area;
  }

  /** The position of the first point whose x is not below. */
  #firstFrom(x: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#xs[middle] as number) < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replace(start: number, end: number, x: number, y: number): void {
    if (this.#length === this.#xs.length) {
      this.#xs = doubled(this.#xs);
      this.#ys = doubled(this.#ys);
    }
    for (const values of [this.#xs, this.#ys]) values.copyWithin(start + 1, end, this.#length);
    this.#xs[start] = x;
    this.#ys[start] = y;
    this.#length += start + 1 - end;
  }
}

/** Three objectives: points by ascending z. */
class Hull implements Front {
  readonly #reference: readonly [number, number, number];
  readonly #covered: Staircase;
  #xs = new Float64Array(16);
  #ys = new Float64Array(16);
  #zs = new Float64Array(16);
  #length = 0;

  constructor(x: number, y: number, z: number) {
    this.#reference = [x, y, z];
    this.#covered = new Staircase(x, y);
  }

  add(point: ArrayLike<number>): number {
    const [x, y, z] = [point[0], point[1], point[2]] as [number, number, number];
    const [xs, ys, zs] = [this.#xs, this.#ys, this.#zs];
    let nBelow = 0;
    for (; nBelow < this.#length && (zs[nBelow] as number) <= z; nBelow++)
      if ((xs[nBelow] as number) <= x && (ys[nBelow] as number) <= y) return 0;
    const volume = this.#exclusiveVolume(x, y, z);
    this.#insert(nBelow, x, y, z);
    return volume;
  }

  #exclusiveVolume(x: number, y: number, z: number): number {
    const [referenceX, referenceY, referenceZ] = this.#reference;
    const [xs, ys, zs] = [this.#xs, this.#ys, this.#zs];
    let free = (referenceX - x) * (referenceY - y);
    let from = z;
    let volume = 0;
    this.#covered.clear();
    for (let i = 0; i < this.#length; i++) {
      const [px, py, pz] = [xs[i] as number, ys[i] as number, zs[i] as number];
      if (pz > from) {
        volume += free * (pz - from);
        from = pz;
      }
      // From here on the point is dominated.
      if (px <= x && py <= y) return volume;
      free = Math.max(0, free - this.#covered.addAt(Math.max(px, x), Math.max(py, y)));
    }
    return volume + free * (referenceZ - from);
  }

  /** Puts the point behind the first `nBelow`, and drops those it dominates: behind it, or before it with the same z. */
  #insert(nBelow: number, x: number, y: number, z: number): void {
    if (this.#length === this.#xs.length) {
      this.#xs = doubled(this.#xs);
      this.#ys = doubled(this.#ys);
      this.#zs = doubled(this.#zs);
    }
    const [xs, ys, zs] = [this.#xs, this.#ys, this.#zs];
    for (const values of [xs, ys, zs]) values.copyWithin(nBelow + 1, nBelow, this.#length);
    xs[nBelow] = x;
    ys[nBelow] = y;
    zs[nBelow] = z;
    let kept = 0;
    for (let i = 0; i <= this.#length; i++) {
      const isDominated =
        (zs[i] as number) >= z && (xs[i] as number) >= x && (ys[i] as number) >= y;
      if (isDominated && i !== nBelow) continue;
      xs[kept] = xs[i] as number;
      ys[kept] = ys[i] as number;
      zs[kept++] = zs[i] as number;
    }
    this.#length = kept;
  }
}

/** Any number of objectives. */
class Points implements Front {
  readonly #reference: Float64Array;
  #points: Float64Array[] = [];

  constructor(reference: Float64Array) {
    this.#reference = reference;
  }

  add(point: ArrayLike<number>): number {
    const own = Float64Array.from(point);
    if (this.#points.some((other) => isNowhereAbove(other, own))) return 0;
    const limited = new Float64Array(this.#points.length * own.length);
    this.#points.forEach((other, i) =>
      limited.set(
        other.map((value, k) => Math.max(value, own[k] as number)),
        i * own.length,
      ),
    );
    this.#points = this.#points.filter((other) => !isNowhereAbove(own, other));
    this.#points.push(own);
    const box = own.reduce(
      (volume, value, k) => volume * ((this.#reference[k] as number) - value),
      1,
    );
    return Math.max(0, box - hypervolume(limited, this.#reference));
  }
}

function isNowhereAbove(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, k) => value <= (b[k] as number));
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(2 * values.length);
  grown.set(values);
  return grown;
}
