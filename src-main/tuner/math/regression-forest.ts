/**
 * Random forests of regression trees, grown on bootstrap samples with every column tried at every node.
 *
 * A tree splits the *encoded* columns: a column of numbers is one encoded column, a column of choices is one per choice, 1 for trials
 * with that choice and else 0. A split sends x <= threshold to the left.
 * Breiman, "Random forests", Machine Learning 45 (2001); splits, stopping rules and thresholds as scikit-learn's RandomForestRegressor
 * with its defaults, but for two things: numbers are compared as doubles, and among splits that are equally good one is drawn fairly.
 */
import type { Rng } from './rng.ts';

/** One column of the data: numbers, or choices as indices from 0 to nChoices - 1. All without NaN. */
export type ForestColumn =
  | { readonly type: 'numbers'; readonly values: Float64Array }
  | { readonly type: 'choices'; readonly values: Float64Array; readonly nChoices: number };

/** Nodes as arrays; node 0 is the root. */
export interface RegressionTree {
  readonly nNodes: number;
  /** Encoded column that a node splits; negative for a leaf. */
  readonly columns: Int32Array;
  readonly thresholds: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Mean of the targets that fell into the node. */
  readonly values: Float64Array;
}

export interface GrownTree {
  readonly tree: RegressionTree;
  /** By encoded column: how much its splits lowered the sum of squared errors. */
  readonly gains: Float64Array;
}

export interface ForestGrowerOptions {
  /** Levels below the root. */
  maxDepth: number;
}

/** Splits whose gains differ by less than this share are equally good. */
const TIE = 1e-10;
/** The gain where no split is possible. One of 0 is possible: what two columns do together may show further down only. */
const NONE = -1;
/** A node with a lower variance is a leaf; targets have variance 1 over all rows. */
const MIN_VARIANCE = Number.EPSILON;

/** The encoded columns of each column, in order. */
export function encodedColumns(columns: readonly ForestColumn[]): number[][] {
  let next = 0;
  return columns.map((column) =>
    Array.from({ length: column.type === 'numbers' ? 1 : column.nChoices }, () => next++),
  );
}

/** Grows trees on one set of data. */
export class ForestGrower {
  readonly #nRows: number;
  readonly #maxDepth: number;
  readonly #targets: Float64Array;
  readonly #nEncoded: number;
  readonly #numeric: NumericColumn[] = [];
  readonly #choices: ChoiceColumn[] = [];
  // Of the tree being grown. Rows drawn by the bootstrap are numbered anew, from 0 on.
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;
  readonly #members: Int32Array;
  readonly #isRight: Uint8Array;
  readonly #spare: Int32Array;

  /**
   * @param targets One per row, finite. They are scaled to mean 0 and variance 1, and so are the values of the trees.
   */
  constructor(
    columns: readonly ForestColumn[],
    targets: Float64Array,
    { maxDepth }: ForestGrowerOptions,
  ) {
    const nRows = targets.length;
    this.#nRows = nRows;
    this.#maxDepth = maxDepth;
    this.#targets = standardized(targets);
    let nEncoded = 0;
    for (const column of columns) {
      if (column.type === 'numbers') {
        this.#numeric.push(new NumericColumn(nEncoded, column.values));
        nEncoded++;
      } else {
        this.#choices.push(new ChoiceColumn(nEncoded, column.values, column.nChoices));
        nEncoded += column.nChoices;
      }
    }
    this.#nEncoded = nEncoded;
    this.#weights = new Float64Array(nRows);
    this.#sums = new Float64Array(nRows);
    this.#members = new Int32Array(nRows);
    this.#isRight = new Uint8Array(nRows);
    this.#spare = new Int32Array(nRows);
  }

  grow(rng: Rng): GrownTree {
    const nDrawn = this.#bootstrap(rng);
    const nodes = new NodeList(2 * nDrawn - 1);
    const gains = new Float64Array(this.#nEncoded);
    const stack = [{ node: nodes.add(), start: 0, end: nDrawn, depth: 0 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { node, start, end, depth } = next;
      const { weight, mean, error } = this.#summarize(start, end);
      nodes.values[node] = mean;
      if (end - start < 2 || depth >= this.#maxDepth || error <= MIN_VARIANCE * weight) continue;
      const split = this.#findSplit(start, end, weight, mean, rng);
      if (split === null) continue;
      const middle = this.#divide(start, end, split);
      gains[split.column] = (gains[split.column] as number) + split.gain;
      const left = nodes.add();
      const right = nodes.add();
      nodes.split(node, split.column, split.threshold, left, right);
      stack.push({ node: right, start: middle, end, depth: depth + 1 });
      stack.push({ node: left, start, end: middle, depth: depth + 1 });
    }
    return { tree: nodes.toTree(), gains };
  }

  /** Draws as many rows as there are, with replacement. @returns How many different ones. */
  #bootstrap(rng: Rng): number {
    const nRows = this.#nRows;
    const counts = new Int32Array(nRows);
    for (let i = 0; i < nRows; i++) {
      const row = rng.integer(nRows);
      counts[row] = (counts[row] as number) + 1;
    }
    const drawn = new Int32Array(nRows);
    let nDrawn = 0;
    for (let row = 0; row < nRows; row++) {
      const count = counts[row] as number;
      if (count === 0) continue;
      this.#weights[nDrawn] = count;
      this.#sums[nDrawn] = count * (this.#targets[row] as number);
      this.#members[nDrawn] = nDrawn;
      drawn[row] = nDrawn++;
    }
    for (const column of this.#numeric) column.take(counts, drawn);
    for (const column of this.#choices) column.take(counts, drawn);
    return nDrawn;
  }

  #summarize(start: number, end: number): { weight: number; mean: number; error: number } {
    const [members, weights, sums] = [this.#members, this.#weights, this.#sums];
    let weight = 0;
    let sum = 0;
    for (let i = start; i < end; i++) {
      const member = members[i] as number;
      weight += weights[member] as number;
      sum += sums[member] as number;
    }
    const mean = sum / weight;
    let error = 0;
    for (let i = start; i < end; i++) {
      const member = members[i] as number;
      const memberWeight = weights[member] as number;
      const difference = (sums[member] as number) / memberWeight - mean;
      error += memberWeight * difference * difference;
    }
    return { weight, mean, error };
  }

  #findSplit(start: number, end: number, weight: number, mean: number, rng: Rng): Split | null {
    let best: Split | null = null;
    let nTied = 0;
    const offer = (column: number, gain: number, threshold: number): void => {
      const bestGain = best?.gain ?? NONE;
      if (gain === NONE || gain < bestGain * (1 - TIE)) return;
      nTied = best === null || gain > bestGain * (1 + TIE) ? 1 : nTied + 1;
      if (nTied === 1 || rng.integer(nTied) === 0) best = { column, gain, threshold };
    };
    for (const column of this.#numeric) {
      column.findSplit(start, end, weight, mean, this.#weights, this.#sums);
      offer(column.encoded, column.gain, column.threshold);
    }
    for (const column of this.#choices) {
      column.count(this.#members, start, end, mean, this.#weights, this.#sums);
      for (let choice = 0; choice < column.nChoices; choice++)
        offer(column.encoded + choice, column.gainOf(choice, weight), 0.5);
    }
    return best;
  }

  /** Reorders the members of a node so that the left ones come first. @returns Where the right ones begin. */
  #divide(start: number, end: number, split: Split): number {
    const [members, isRight, spare] = [this.#members, this.#isRight, this.#spare];
    const numeric = this.#numeric.find((column) => column.encoded === split.column);
    if (numeric) numeric.markRight(members, start, end, split.threshold, isRight);
    else
      this.#choices
        .find((column) => split.column - column.encoded < column.nChoices)
        ?.markRight(members, start, end, split.column, isRight);
    const middle = partition(members, start, end, isRight, spare);
    for (const column of this.#numeric)
      if (column !== numeric) partition(column.order, start, end, isRight, spare);
    return middle;
  }
}

interface Split {
  readonly column: number;
  readonly gain: number;
  readonly threshold: number;
}

class NumericColumn {
  readonly encoded: number;
  /** Drawn rows; those of a node are together, and there in the order of the values. */
  readonly order: Int32Array;
  /** The best split found. */
  gain = 0;
  threshold = 0;
  readonly #rowValues: Float64Array;
  readonly #rowOrder: Int32Array;
  readonly #values: Float64Array;

  constructor(encoded: number, values: Float64Array) {
    this.encoded = encoded;
    this.#rowValues = values;
    this.#rowOrder = Int32Array.from(values.keys()).sort(
      (a, b) => (values[a] as number) - (values[b] as number),
    );
    this.order = new Int32Array(values.length);
    this.#values = new Float64Array(values.length);
  }

  take(counts: Int32Array, drawn: Int32Array): void {
    let next = 0;
    for (const row of this.#rowOrder) {
      if (counts[row] === 0) continue;
      const member = drawn[row] as number;
      this.order[next++] = member;
      this.#values[member] = this.#rowValues[row] as number;
    }
  }

  /** Sums are centred on the node's mean, so that those on both sides are opposite and the gain is one quotient. */
  findSplit(
    start: number,
    end: number,
    weight: number,
    mean: number,
    weights: Float64Array,
    sums: Float64Array,
  ): void {
    const [order, values] = [this.order, this.#values];
    let member = order[start] as number;
    let value = values[member] as number;
    let bestScore = NONE;
    let bestAt = start;
    const last = values[order[end - 1] as number] as number;
    this.gain = NONE;
    if (value === last) return;
    let leftWeight = weights[member] as number;
    let leftSum = (sums[member] as number) - leftWeight * mean;
    for (let i = start + 1; i < end; i++) {
      member = order[i] as number;
      const nextValue = values[member] as number;
      if (nextValue > value) {
        const score = (leftSum * leftSum) / (leftWeight * (weight - leftWeight));
        if (score > bestScore) {
          bestScore = score;
          bestAt = i;
        }
        value = nextValue;
      }
      const memberWeight = weights[member] as number;
      leftWeight += memberWeight;
      leftSum += (sums[member] as number) - memberWeight * mean;
    }
    const below = values[order[bestAt - 1] as number] as number;
    const above = values[order[bestAt] as number] as number;
    const middle = below / 2 + above / 2;
    this.gain = bestScore * weight;
    // The middle of two neighbouring doubles may be the upper one.
    this.threshold = middle < above ? middle : below;
  }

  markRight(
    members: Int32Array,
    start: number,
    end: number,
    threshold: number,
    isRight: Uint8Array,
  ): void {
    for (let i = start; i < end; i++) {
      const member = members[i] as number;
      isRight[member] = (this.#values[member] as number) > threshold ? 1 : 0;
    }
  }
}

class ChoiceColumn {
  readonly encoded: number;
  readonly nChoices: number;
  readonly #rowValues: Float64Array;
  readonly #values: Int32Array;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;

  constructor(encoded: number, values: Float64Array, nChoices: number) {
    this.encoded = encoded;
    this.nChoices = nChoices;
    this.#rowValues = values;
    this.#values = new Int32Array(values.length);
    this.#weights = new Float64Array(nChoices);
    this.#sums = new Float64Array(nChoices);
  }

  take(counts: Int32Array, drawn: Int32Array): void {
    for (let row = 0; row < counts.length; row++)
      if (counts[row] !== 0) this.#values[drawn[row] as number] = this.#rowValues[row] as number;
  }

  count(
    members: Int32Array,
    start: number,
    end: number,
    mean: number,
    weights: Float64Array,
    sums: Float64Array,
  ): void {
    this.#weights.fill(0);
    this.#sums.fill(0);
    for (let i = start; i < end; i++) {
      const member = members[i] as number;
      const choice = this.#values[member] as number;
      const weight = weights[member] as number;
      this.#weights[choice] = (this.#weights[choice] as number) + weight;
      this.#sums[choice] =
        (this.#sums[choice] as number) + (sums[member] as number) - weight * mean;
    }
  }

  /** Of the split of one choice from all others; NONE where one side would be empty. */
  gainOf(choice: number, weight: number): number {
    const own = this.#weights[choice] as number;
    if (own === 0 || own === weight) return NONE;
    const sum = this.#sums[choice] as number;
    return (sum * sum * weight) / (own * (weight - own));
  }

  markRight(
    members: Int32Array,
    start: number,
    end: number,
    column: number,
    isRight: Uint8Array,
  ): void {
    const choice = column - this.encoded;
    for (let i = start; i < end; i++) {
      const member = members[i] as number;
      isRight[member] = this.#values[member] === choice ? 1 : 0;
    }
  }
}

class NodeList {
  readonly columns: Int32Array;
  readonly thresholds: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly values: Float64Array;
  #length = 0;

  constructor(capacity: number) {
    this.columns = new Int32Array(capacity).fill(-1);
    this.thresholds = new Float64Array(capacity);
    this.left = new Int32Array(capacity);
    this.right = new Int32Array(capacity);
    this.values = new Float64Array(capacity);
  }

  add(): number {
    return this.#length++;
  }

  split(node: number, column: number, threshold: number, left: number, right: number): void {
    this.columns[node] = column;
    this.thresholds[node] = threshold;
    this.left[node] = left;
    this.right[node] = right;
  }

  toTree(): RegressionTree {
    const n = this.#length;
    return {
      nNodes: n,
      columns: this.columns.subarray(0, n),
      thresholds: this.thresholds.subarray(0, n),
      left: this.left.subarray(0, n),
      right: this.right.subarray(0, n),
      values: this.values.subarray(0, n),
    };
  }
}

/** Stable. @returns Where the marked ones begin. */
function partition(
  items: Int32Array,
  start: number,
  end: number,
  isRight: Uint8Array,
  spare: Int32Array,
): number {
  let nLeft = start;
  let nRight = 0;
  for (let i = start; i < end; i++) {
    const item = items[i] as number;
    if (isRight[item] === 1) spare[nRight++] = item;
    else items[nLeft++] = item;
  }
  for (let i = 0; i < nRight; i++) items[nLeft + i] = spare[i] as number;
  return nLeft;
}

function standardized(values: Float64Array): Float64Array {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  // First to at most 1, as squares of the values themselves may be infinite.
  const scaled = values.map((value) => (largest > 0 ? value / largest : 0));
  let mean = 0;
  for (const value of scaled) mean += value / scaled.length;
  let variance = 0;
  for (const value of scaled) variance += (value - mean) ** 2 / scaled.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return scaled.map((value) => (value - mean) * scale);
}
