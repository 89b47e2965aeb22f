/**
 * Local upper bounds of points in three dimensions, to be minimized: the region that no point dominates is the union of the boxes below them.
 * There are at most 2n + 1 of n points.
 *
 * A new point z cuts the bounds that are above it in all coordinates: each is replaced by up to three, with one coordinate that of z. Bounds
 * that lie below another one are dropped. Klamroth, Lacour and Vanderpooten, "On the representation of the search region in
 * multi-objective optimization", EJOR 245 (2015), the algorithm with redundancy elimination; what z dominates alone is the union of the boxes
 * between z and the bounds it cuts, as in Lacour, Klamroth and Fonseca, "A box decomposition algorithm to compute the hypervolume
 * indicator", Comput. Oper. Res. 79 (2017).
 *
 * The bounds are kept in a k-d tree whose nodes know the highest of each coordinate below them; as no bound is below another, few nodes are
 * visited that have none to be cut. Subtrees that have become lopsided are built anew (Galperin and Rivest, "Scapegoat trees", SODA 1993).
 */
export type Corner = readonly [x: number, y: number, z: number];

interface Tree {
  /** Highest coordinates below; -Infinity where nothing is. */
  readonly highest: [number, number, number];
  size: number;
  /** null: an inner node. */
  corners: Corner[] | null;
  axis: number;
  /** Corners below it on the axis are to the left. */
  split: number;
  left: Tree | null;
  right: Tree | null;
}

const LEAF_SIZE = 24;
/** The share of a subtree that one side may have. */
const MAX_SHARE = 0.75;

export class UpperCorners {
  #root: Tree;

  /** @param reference The upper bound of everything. */
  constructor(reference: Corner) {
    this.#root = build([reference]);
  }

  /** @returns The corners above the point in all coordinates, of which none is left; none: the point is dominated, or equals one. */
  cut(point: Corner): readonly Corner[] {
    const above: Corner[] = [];
    // By coordinate: those that share it with the point, and are above it in the others.
    const beside: Corner[][] = [[], [], []];
    take(this.#root, point, above, beside);
    for (let axis = 0; axis < 3 && above.length > 0; axis++)
      for (const corner of outermost(above, beside[axis] as Corner[], point, axis))
        this.#insert(corner);
    return above;
  }

  #insert(corner: Corner): void {
    let lopsided: { tree: Tree; parent: Tree | null } | null = null;
    let parent: Tree | null = null;
    let tree = this.#root;
    for (;;) {
      tree.size++;
      for (let k = 0; k < 3; k++)
        tree.highest[k] = Math.max(tree.highest[k] as number, corner[k] as number);
      if (tree.corners) break;
      const next = sideOf(tree, corner);
      if (!lopsided && next.size + 1 > MAX_SHARE * tree.size + LEAF_SIZE)
        lopsided = { tree, parent };
      parent = tree;
      tree = next;
    }
    tree.corners.push(corner);
    if (lopsided) this.#replace(lopsided.tree, lopsided.parent);
    else if (tree.size > LEAF_SIZE) this.#replace(tree, parent);
  }

  #replace(tree: Tree, parent: Tree | null): void {
    const fresh = build(cornersOf(tree));
    if (parent === null) this.#root = fresh;
    else if (parent.left === tree) parent.left = fresh;
    else parent.right = fresh;
  }
}

/** Takes out what is above the point in all coordinates, and notes what is beside it. */
function take(tree: Tree, point: Corner, above: Corner[], beside: Corner[][]): void {
  const { highest } = tree;
  if (highest[0] < point[0] || highest[1] < point[1] || highest[2] < point[2]) return;
  const nBefore = above.length;
  if (tree.corners) {
    const { corners } = tree;
    for (let i = corners.length - 1; i >= 0; i--) {
      const corner = corners[i] as Corner;
      if (corner[0] < point[0] || corner[1] < point[1] || corner[2] < point[2]) continue;
      const nEqual =
        Number(corner[0] === point[0]) +
        Number(corner[1] === point[1]) +
        Number(corner[2] === point[2]);
      if (nEqual === 1)
        beside[corner[0] === point[0] ? 0 : corner[1] === point[1] ? 1 : 2]?.push(corner);
      if (nEqual > 0) continue;
      above.push(corner);
      corners[i] = corners[corners.length - 1] as Corner;
      corners.pop();
    }
  } else {
    take(tree.left as Tree, point, above, beside);
    take(tree.right as Tree, point, above, beside);
  }
  const nTaken = above.length - nBefore;
  if (nTaken === 0) return;
  tree.size -= nTaken;
  if (tree.size <= LEAF_SIZE / 2 && !tree.corners) {
    tree.corners = cornersOf(tree);
    tree.left = tree.right = null;
  }
  measure(tree);
}

/** The corners that are new on one axis: with the point's coordinate on it, and not below another one in the other two. */
function outermost(
  above: readonly Corner[],
  known: readonly Corner[],
  point: Corner,
  axis: number,
): Corner[] {
  const [a, b] = [(axis + 1) % 3, (axis + 2) % 3] as [0 | 1 | 2, 0 | 1 | 2];
  const candidates = [...known, ...above].map((corner, i) => ({
    corner,
    isKnown: i < known.length,
  }));
  candidates.sort(
    (one, other) =>
      other.corner[a] - one.corner[a] ||
      other.corner[b] - one.corner[b] ||
      Number(other.isKnown) - Number(one.isKnown),
  );
  const kept: Corner[] = [];
  let highest = -Infinity;
  for (const { corner, isKnown } of candidates) {
    if (!(corner[b] > highest)) continue;
    highest = corner[b];
    if (isKnown) continue;
    const cut: [number, number, number] = [corner[0], corner[1], corner[2]];
    cut[axis] = point[axis] as number;
    kept.push(cut);
  }
  return kept;
}

function build(corners: Corner[]): Tree {
  const tree: Tree = {
    highest: [-Infinity, -Infinity, -Infinity],
    size: corners.length,
    corners,
    axis: 0,
    split: 0,
    left: null,
    right: null,
  };
  measure(tree);
  if (corners.length <= LEAF_SIZE) return tree;
  const spreads = [0, 1, 2].map((k) => {
    let lowest = Infinity;
    for (const corner of corners) lowest = Math.min(lowest, corner[k] as number);
    return (tree.highest[k] as number) - lowest;
  });
  const axis = spreads.indexOf(Math.max(...spreads));
  const values = Float64Array.from(corners, (corner) => corner[axis] as number).sort();
  let middle = values.length >> 1;
  // Equal ones stay together: the split must have something below it.
  while (values[middle] === values[0]) middle++;
  const split = values[middle] as number;
  tree.axis = axis;
  tree.split = split;
  tree.left = build(corners.filter((corner) => (corner[axis] as number) < split));
  tree.right = build(corners.filter((corner) => (corner[axis] as number) >= split));
  tree.corners = null;
  return tree;
}

function sideOf(tree: Tree, corner: Corner): Tree {
  return ((corner[tree.axis] as number) < tree.split ? tree.left : tree.right) as Tree;
}

function measure({ highest, corners, left, right }: Tree): void {
  for (let k = 0; k < 3; k++)
    highest[k] = corners
      ? corners.reduce((most, corner) => Math.max(most, corner[k] as number), -Infinity)
      : Math.max(left?.highest[k] as number, right?.highest[k] as number);
}

function cornersOf(tree: Tree): Corner[] {
  if (tree.corners) return tree.corners;
  return [...cornersOf(tree.left as Tree), ...cornersOf(tree.right as Tree)];
}
