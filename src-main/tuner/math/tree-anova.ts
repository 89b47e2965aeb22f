/**
 * The variance of a regression tree's prediction over a box, and how much of it each column, or several together, explain.
 *
 * Notation: the box is scaled to the unit cube. A leaf l has a value v_l and a volume V_l, the product of its lengths. The marginal of a set
 * U of columns is a_U(x_U) = sum over the leaves that contain x_U of v_l W_l, where W_l is the volume of l in the other columns; it is
 * constant on boxes, so its variance is a sum and not an estimate.
 * Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014.
 *
 * Instead of visiting the tree once per box of U (as `optuna/importance/_fanova/_tree.py` does), leaves are swept along a column:
 * for n leaves O(n) for one column and O(n log n) for two.
 */
import type { RegressionTree } from './regression-forest.ts';

/** Lowest and highest value of each encoded column. */
export interface Box {
  readonly lows: ArrayLike<number>;
  readonly highs: ArrayLike<number>;
}

export class TreeAnova {
  /** Of the prediction over the whole box. */
  readonly variance: number;
  readonly #nColumns: number;
  /** By column: where it is cut, from 0 to 1, both included. */
  readonly #edges: readonly Float64Array[];
  readonly #nLeaves: number;
  /** nLeaves x nColumns: the leaf reaches from one edge of the column to another. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** v_l V_l, where the values are centred on their mean over the box. */
  readonly #masses: Float64Array;

  /** @param box As many columns as the data of the tree had, encoded. All cuts of the tree lie within. */
  constructor(tree: RegressionTree, box: Box) {
    this.#nColumns = box.lows.length;
    const { edges, cutOfNode } = findEdges(tree, box);
    this.#edges = edges;
    this.#nLeaves = (tree.nNodes + 1) / 2;
    this.#from = new Int32Array(this.#nLeaves * this.#nColumns);
    this.#to = new Int32Array(this.#nLeaves * this.#nColumns);
    const values = new Float64Array(this.#nLeaves);
    const volumes = new Float64Array(this.#nLeaves);
    this.#collectLeaves(tree, cutOfNode, values, volumes);

    let mean = 0;
    for (let leaf = 0; leaf < values.length; leaf++)
      mean += (values[leaf] as number) * (volumes[leaf] as number);
    let variance = 0;
    this.#masses = new Float64Array(this.#nLeaves);
    for (let leaf = 0; leaf < values.length; leaf++) {
      const difference = (values[leaf] as number) - mean;
      this.#masses[leaf] = difference * (volumes[leaf] as number);
      variance += difference * (this.#masses[leaf] as number);
    }
    this.variance = variance;
  }

  /**
   * The variance of the marginal of these columns.
   *
   * @throws RangeError when the tree cuts more than two of them more than once (columns of choices are cut once).
   */
  marginalVariance(columns: readonly number[]): number {
    const nCuts = (column: number): number => (this.#edges[column] as Float64Array).length - 2;
    const cut = columns.filter((column) => nCuts(column) > 0);
    const once = cut.filter((column) => nCuts(column) === 1);
    const often = cut.filter((column) => nCuts(column) > 1);
    if (cut.length === 0) return 0;
    if (cut.length === 1) return this.#varianceOfOne(cut[0] as number);
    if (often.length === 2 && once.length === 0)
      return this.#varianceOfTwo(often[0] as number, often[1] as number);
    if (often.length === 0) return this.#varianceOfHalves(once);
    if (often.length === 1) return this.#varianceOfOneAndHalves(often[0] as number, once);
    throw new RangeError(
      `At most two columns may be cut more than once, but ${often.length} of ${columns.length} are.`,
    );
  }

  #collectLeaves(
    tree: RegressionTree,
    cutOfNode: Int32Array,
    values: Float64Array,
    volumes: Float64Array,
  ): void {
    const from = new Int32Array(this.#nColumns);
    const to = Int32Array.from(this.#edges, (edges) => edges.length - 1);
    let nLeaves = 0;
    const descend = (node: number, volume: number): void => {
      const column = tree.columns[node] as number;
      if (column < 0) {
        this.#from.set(from, nLeaves * this.#nColumns);
        this.#to.set(to, nLeaves * this.#nColumns);
        values[nLeaves] = tree.values[node] as number;
        volumes[nLeaves++] = volume;
        return;
      }
      const edges = this.#edges[column] as Float64Array;
      const cut = cutOfNode[node] as number;
      const start = from[column] as number;
      const end = to[column] as number;
      const [low, middle, high] = [edges[start], edges[cut], edges[end]] as [
        number,
        number,
        number,
      ];
      to[column] = cut;
      descend(tree.left[node] as number, (volume * (middle - low)) / (high - low));
      to[column] = end;
      from[column] = cut;
      descend(tree.right[node] as number, (volume * (high - middle)) / (high - low));
      from[column] = start;
    };
    descend(0, 1);
  }

  /** The mass of a leaf for each unit of length in a column. */
  #density(mass: number, leaf: number, column: number): number {
    const edges = this.#edges[column] as Float64Array;
    const at = leaf * this.#nColumns + column;
    return (
      mass /
      ((edges[this.#to[at] as number] as number) - (edges[this.#from[at] as number] as number))
    );
  }

  #varianceOfOne(column: number): number {
    const edges = this.#edges[column] as Float64Array;
    const changes = new Float64Array(edges.length);
    for (let leaf = 0; leaf < this.#nLeaves; leaf++) {
      const density = this.#density(this.#masses[leaf] as number, leaf, column);
      const at = leaf * this.#nColumns + column;
      const [from, to] = [this.#from[at] as number, this.#to[at] as number];
      changes[from] = (changes[from] as number) + density;
      changes[to] = (changes[to] as number) - density;
    }
    let marginal = 0;
    let variance = 0;
    for (let cell = 0; cell + 1 < edges.length; cell++) {
      marginal += changes[cell] as number;
      variance += marginal * marginal * ((edges[cell + 1] as number) - (edges[cell] as number));
    }
    return variance;
  }

  /** Sweeps the first column; the marginal at the present place is a function of the second one, kept as a tree of sums. */
  #varianceOfTwo(first: number, second: number): number {
    const edges = this.#edges[first] as Float64Array;
    const sums = new IntervalSums(this.#edges[second] as Float64Array);
    const events = this.#eventsAlong(first);
    let variance = 0;
    for (let cell = 0; cell + 1 < edges.length; cell++) {
      for (let i = events.starts[cell] as number; i < (events.starts[cell + 1] as number); i++) {
        const event = events.leaves[i] as number;
        const leaf = event >> 1;
        const mass = this.#density(this.#masses[leaf] as number, leaf, first);
        const density = this.#density(mass, leaf, second);
        const at = leaf * this.#nColumns + second;
        sums.add(
          this.#from[at] as number,
          this.#to[at] as number,
          (event & 1) === 0 ? density : -density,
        );
      }
      variance += sums.squares * ((edges[cell + 1] as number) - (edges[cell] as number));
    }
    return Math.max(0, variance);
  }

  #varianceOfHalves(columns: readonly number[]): number {
    const { patterns, densities } = this.#halvesOf(columns);
    const totals = new Float64Array(patterns.length);
    for (let leaf = 0; leaf < this.#nLeaves; leaf++) {
      const pattern = patterns.ofLeaf[leaf] as number;
      totals[pattern] = (totals[pattern] as number) + (densities[leaf] as number);
    }
    let variance = 0;
    for (let p = 0; p < patterns.length; p++) {
      const total = totals[p] as number;
      variance += total * total * patterns.overlap(p, p);
      for (let q = 0; q < p; q++)
        variance += 2 * total * (totals[q] as number) * patterns.overlap(p, q);
    }
    return Math.max(0, variance);
  }

  /** Sweeps the column that is cut often; sums by pattern of the others, and the integral of their square, are kept up. */
  #varianceOfOneAndHalves(often: number, once: readonly number[]): number {
    const { patterns, densities } = this.#halvesOf(once);
    const totals = new Float64Array(patterns.length);
    const edges = this.#edges[often] as Float64Array;
    const events = this.#eventsAlong(often);
    let squares = 0;
    let variance = 0;
    for (let cell = 0; cell + 1 < edges.length; cell++) {
      for (let i = events.starts[cell] as number; i < (events.starts[cell + 1] as number); i++) {
        const event = events.leaves[i] as number;
        const leaf = event >> 1;
        const density = this.#density(densities[leaf] as number, leaf, often);
        const change = (event & 1) === 0 ? density : -density;
        const pattern = patterns.ofLeaf[leaf] as number;
        let product = 0;
        for (let q = 0; q < patterns.length; q++)
          if (totals[q] !== 0) product += (totals[q] as number) * patterns.overlap(pattern, q);
        squares += 2 * change * product + change * change * patterns.overlap(pattern, pattern);
        totals[pattern] = (totals[pattern] as number) + change;
      }
      variance += squares * ((edges[cell + 1] as number) - (edges[cell] as number));
    }
    return Math.max(0, variance);
  }

  #halvesOf(columns: readonly number[]): { patterns: HalfPatterns; densities: Float64Array } {
    const patterns = new HalfPatterns(
      columns.map((column) => this.#edges[column]?.[1] as number),
      this.#nLeaves,
    );
    const densities = new Float64Array(this.#nLeaves);
    const halves = new Uint8Array(columns.length);
    for (let leaf = 0; leaf < this.#nLeaves; leaf++) {
      let density = this.#masses[leaf] as number;
      columns.forEach((column, k) => {
        const at = leaf * this.#nColumns + column;
        halves[k] = this.#to[at] === 1 ? LOWER : this.#from[at] === 1 ? UPPER : WHOLE;
        density = this.#density(density, leaf, column);
      });
      densities[leaf] = density;
      patterns.put(leaf, halves);
    }
    return { patterns, densities };
  }

  /** Leaves by the edge where they begin (2 x leaf) and end (2 x leaf + 1); those of an edge are [starts[edge], starts[edge + 1]). */
  #eventsAlong(column: number): { starts: Int32Array; leaves: Int32Array } {
    const nEdges = (this.#edges[column] as Float64Array).length;
    const starts = new Int32Array(nEdges + 1);
    const edgeOf = (event: number): number =>
      ((event & 1) === 0 ? this.#from : this.#to)[(event >> 1) * this.#nColumns + column] as number;
    for (let event = 0; event < 2 * this.#nLeaves; event++) {
      const edge = edgeOf(event);
      starts[edge + 1] = (starts[edge + 1] as number) + 1;
    }
    for (let edge = 0; edge < nEdges; edge++)
      starts[edge + 1] = (starts[edge + 1] as number) + (starts[edge] as number);
    const next = starts.slice();
    const leaves = new Int32Array(2 * this.#nLeaves);
    for (let event = 0; event < leaves.length; event++) {
      const edge = edgeOf(event);
      leaves[next[edge] as number] = event;
      next[edge] = (next[edge] as number) + 1;
    }
    return { starts, leaves };
  }
}

const WHOLE = 0;
const LOWER = 1;
const UPPER = 2;

/** Boxes that are the whole, the lower or the upper part of each of some columns; equal ones are one pattern. */
class HalfPatterns {
  readonly ofLeaf: Int32Array;
  readonly #cuts: readonly number[];
  readonly #halves: Uint8Array[] = [];
  readonly #idOf = new Map<number | string, number>();

  constructor(cuts: readonly number[], nLeaves: number) {
    this.#cuts = cuts;
    this.ofLeaf = new Int32Array(nLeaves);
  }

  get length(): number {
    return this.#halves.length;
  }

  put(leaf: number, halves: Uint8Array): void {
    // Digits of base 3, as long as a number holds them.
    const key =
      halves.length > 33 ? halves.join('') : halves.reduce((digits, half) => 3 * digits + half, 0);
    let id = this.#idOf.get(key);
    if (id === undefined) {
      id = this.#halves.push(halves.slice()) - 1;
      this.#idOf.set(key, id);
    }
    this.ofLeaf[leaf] = id;
  }

  /** The volume that two patterns share. */
  overlap(p: number, q: number): number {
    const [a, b] = [this.#halves[p] as Uint8Array, this.#halves[q] as Uint8Array];
    let volume = 1;
    for (let k = 0; k < a.length; k++) {
      const both = (a[k] as number) | (b[k] as number);
      if (both === LOWER) volume *= this.#cuts[k] as number;
      else if (both === UPPER) volume *= 1 - (this.#cuts[k] as number);
      else if (both !== WHOLE) return 0;
    }
    return volume;
  }
}

/** A function on [0, 1], constant between edges: adding a number on an interval, and the integral of its square, take O(log n). */
class IntervalSums {
  readonly #nCells: number;
  /** Of a node of the tree over the cells: its length, the integrals of the function and of its square over it, and what was added to all of it. */
  readonly #lengths: Float64Array;
  readonly #integrals: Float64Array;
  readonly #squares: Float64Array;
  readonly #added: Float64Array;

  constructor(edges: Float64Array) {
    this.#nCells = edges.length - 1;
    const nNodes = 2 * 2 ** Math.ceil(Math.log2(Math.max(1, this.#nCells)));
    this.#lengths = new Float64Array(nNodes);
    this.#integrals = new Float64Array(nNodes);
    this.#squares = new Float64Array(nNodes);
    this.#added = new Float64Array(nNodes);
    this.#measure(1, 0, this.#nCells, edges);
  }

  /** The integral of the square over [0, 1]. */
  get squares(): number {
    return this.#squares[1] as number;
  }

  /** Adds to the cells from one edge to another. */
  add(from: number, to: number, amount: number): void {
    this.#addWithin(1, 0, this.#nCells, from, to, amount);
  }

  #measure(node: number, low: number, high: number, edges: Float64Array): void {
    this.#lengths[node] = (edges[high] as number) - (edges[low] as number);
    if (high - low === 1) return;
    const middle = (low + high) >>> 1;
    this.#measure(2 * node, low, middle, edges);
    this.#measure(2 * node + 1, middle, high, edges);
  }

  #addWithin(
    node: number,
    low: number,
    high: number,
    from: number,
    to: number,
    amount: number,
  ): void {
    const length = this.#lengths[node] as number;
    if (from <= low && high <= to) {
      this.#squares[node] =
        (this.#squares[node] as number) +
        2 * amount * (this.#integrals[node] as number) +
        amount * amount * length;
      this.#integrals[node] = (this.#integrals[node] as number) + amount * length;
      this.#added[node] = (this.#added[node] as number) + amount;
      return;
    }
    const middle = (low + high) >>> 1;
    if (from < middle) this.#addWithin(2 * node, low, middle, from, to, amount);
    if (to > middle) this.#addWithin(2 * node + 1, middle, high, from, to, amount);
    const added = this.#added[node] as number;
    const integral =
      (this.#integrals[2 * node] as number) + (this.#integrals[2 * node + 1] as number);
    this.#integrals[node] = integral + added * length;
    this.#squares[node] =
      (this.#squares[2 * node] as number) +
      (this.#squares[2 * node + 1] as number) +
      2 * added * integral +
      added * added * length;
  }
}

/** The places where the tree cuts each column, scaled to the unit interval, and for each node which of them it is. */
function findEdges(
  tree: RegressionTree,
  { lows, highs }: Box,
): { edges: Float64Array[]; cutOfNode: Int32Array } {
  const nodesOf: number[][] = Array.from(lows, () => []);
  for (let node = 0; node < tree.nNodes; node++) {
    const column = tree.columns[node] as number;
    if (column >= 0) nodesOf[column]?.push(node);
  }
  const cutOfNode = new Int32Array(tree.nNodes);
  const edges = nodesOf.map((nodes, column) => {
    const low = lows[column] as number;
    const high = highs[column] as number;
    // Half of everything where the length would be infinite.
    const scale = Number.isFinite(high - low) ? 1 : 0.5;
    nodes.sort((a, b) => (tree.thresholds[a] as number) - (tree.thresholds[b] as number));
    const cuts = [0];
    nodes.forEach((node, i) => {
      const threshold = tree.thresholds[node] as number;
      const isNew = i === 0 || threshold !== tree.thresholds[nodes[i - 1] as number];
      if (isNew) cuts.push((threshold * scale - low * scale) / (high * scale - low * scale));
      cutOfNode[node] = cuts.length - 1;
    });
    return Float64Array.from([...cuts, 1]);
  });
  return { edges, cutOfNode };
}
