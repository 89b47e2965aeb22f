import { describe, expect, it } from 'vitest';
import {
  encodedColumns,
  ForestGrower,
  type ForestColumn,
  type RegressionTree,
} from '../../../src-main/tuner/math/regression-forest.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';

function predict(tree: RegressionTree, point: readonly number[]): number {
  let node = 0;
  while ((tree.columns[node] as number) >= 0) {
    const isLeft =
      (point[tree.columns[node] as number] as number) <= (tree.thresholds[node] as number);
    node = (isLeft ? tree.left : tree.right)[node] as number;
  }
  return tree.values[node] as number;
}

function numbers(n: number, value: (i: number) => number): ForestColumn {
  return { type: 'numbers', values: Float64Array.from({ length: n }, (_, i) => value(i)) };
}

describe('ForestGrower', () => {
  it('numbers a column of choices as one column per choice', () => {
    const choices: ForestColumn = { type: 'choices', values: new Float64Array(2), nChoices: 3 };
    expect(encodedColumns([numbers(2, () => 0), choices, numbers(2, () => 0)])).toEqual([
      [0],
      [1, 2, 3],
      [4],
    ]);
  });

  it('grows the same tree from the same generator, and another from another', () => {
    const rng = createRng(1);
    const columns = [numbers(50, () => rng.uniform()), numbers(50, () => rng.uniform())];
    const targets = Float64Array.from({ length: 50 }, () => rng.normal());
    const grower = new ForestGrower(columns, targets, { maxDepth: 64 });
    const first = grower.grow(createRng(5));
    expect(grower.grow(createRng(6)).tree).not.toEqual(first.tree);
    expect(grower.grow(createRng(5))).toEqual(first);
  });

  it('learns each drawn row by heart when the depth allows it', () => {
    const rng = createRng(2);
    const targets = Float64Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? -1 : 1));
    const values = Float64Array.from({ length: 200 }, () => rng.uniform());
    const { tree } = new ForestGrower([{ type: 'numbers', values }], targets, {
      maxDepth: 64,
    }).grow(createRng(3));
    const nRight = targets.filter(
      (target, i) => Math.sign(predict(tree, [values[i] as number])) === target,
    );
    // About 63 % of the rows are drawn, and of the others every second one is right by chance.
    expect(nRight.length).toBeGreaterThan(130);
    for (let node = 0; node < tree.nNodes; node++)
      if ((tree.columns[node] as number) < 0)
        expect(Math.abs(tree.values[node] as number)).toBeCloseTo(1, 12);
  });

  it('stops at the depth given', () => {
    const rng = createRng(2);
    const column = numbers(100, () => rng.uniform());
    const targets = Float64Array.from({ length: 100 }, () => rng.normal());
    const { tree } = new ForestGrower([column], targets, { maxDepth: 2 }).grow(rng);
    expect(tree.nNodes).toBeGreaterThan(3);
    expect(tree.nNodes).toBeLessThanOrEqual(7);
  });

  it('finds what two columns do together only', () => {
    const columns = [numbers(400, (i) => i % 2), numbers(400, (i) => Math.floor(i / 2) % 2)];
    const targets = Float64Array.from({ length: 400 }, (_, i) => (i % 2) ^ (Math.floor(i / 2) % 2));
    const { tree } = new ForestGrower(columns, targets, { maxDepth: 64 }).grow(createRng(1));
    expect(predict(tree, [0, 1])).toBeGreaterThan(predict(tree, [1, 1]));
    expect(predict(tree, [1, 0])).toBeGreaterThan(predict(tree, [0, 0]));
  });

  it('draws fairly among equally good splits', () => {
    const columns = [0, 1, 2, 3].map(() => numbers(20, (i) => (i < 10 ? 0 : 1)));
    const targets = Float64Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1));
    const grower = new ForestGrower(columns, targets, { maxDepth: 64 });
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const { tree } = grower.grow(createRng(7, i));
      const column = tree.columns[0] as number;
      if (column >= 0) counts[column] = (counts[column] as number) + 1;
    }
    // 1000 each, give or take four standard deviations.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  it('makes nothing of targets that are all alike, or very large', () => {
    const column = numbers(10, (i) => i);
    const same = new ForestGrower([column], new Float64Array(10).fill(3), { maxDepth: 64 });
    expect(same.grow(createRng(1)).tree.nNodes).toBe(1);
    const large = Float64Array.from({ length: 10 }, (_, i) => (i < 5 ? -1 : 1) * 1e308);
    const { tree, gains } = new ForestGrower([column], large, { maxDepth: 64 }).grow(createRng(1));
    expect(tree.nNodes).toBe(3);
    expect(tree.thresholds[0]).toBeGreaterThan(3);
    expect(gains[0]).toBeGreaterThan(0);
  });
});
