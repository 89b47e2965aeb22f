/**
 * The hypervolume of points that come one after another. All objectives are minimized.
 *
 * A point adds what it dominates alone: for two objectives the strips of a staircase, found by binary search; for three the
 * boxes between it and the corners of the region that no earlier point dominates (upper-corners.ts), which are few where points come in
 * no particular order; for more, by WFG.
 */
import { hypervolume } from './hypervolume.ts';
import { UpperCorners, type Corner } from './upper-corners.ts';

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

/** Three objectives. */
class Hull implements Front {
  readonly #corners: UpperCorners;

  constructor(x: number, y: number, z: number) {
    this.#corners = new UpperCorners([x, y, z]);
  }

  add(point: ArrayLike<number>): number {
    const own = [point[0], point[1], point[2]] as unknown as Corner;
    const above = [...this.#corners.cut(own)].sort((a, b) => b[2] - a[2]);
    // From the top down, the plane between the point and the corners so far: a staircase upside down.
    const covered = new Staircase(-own[0], -own[1]);
    let area = 0;
    let volume = 0;
    above.forEach(([x, y, z], i) => {
      area += covered.addAt(-x, -y);
      volume += area * (z - (above[i + 1]?.[2] ?? own[2]));
    });
    return volume;
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
