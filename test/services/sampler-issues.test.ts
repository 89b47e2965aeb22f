import { describe, expect, it } from 'vitest';

import { samplerIssues } from '../../src-main/services/sampler-issues.ts';
import type { SpaceParam } from '../../src-main/training/search-space.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  type Distribution,
} from '../../src-main/tuner/distributions.ts';

const param = (name: string, distribution: Distribution): SpaceParam => ({
  name,
  distribution,
  condition: null,
});
const kind = param('kind', createCategoricalDistribution(['a', 'b']));
const x = param('x', createFloatDistribution(0, 1));

/** Where the sampler of a study with so many objectives and these parameters would fail. */
function pathsOf(
  sampler: object,
  params: readonly SpaceParam[],
  { nObjectives = 1, nCombinations = null as number | null } = {},
): string[] {
  const objective = Array.from({ length: nObjectives }, (_, i) => ({ name: `o${i}` }));
  const run = { module: '/own.mjs' };
  const spec = parseSpec({ name: 'own', run, objective, sampler }, 'The spec');
  return samplerIssues(spec, params, nCombinations).map(({ path }) => path.join('.'));
}

const partly = (base: object, fixedParams: object = {}): object => ({
  type: 'partial-fixed',
  options: { fixedParams, base },
});

describe('samplerIssues', () => {
  it('has nothing against a sampler of one objective where there is one', () => {
    const cmaEs = { type: 'cma-es' };
    expect(pathsOf(cmaEs, [x])).toEqual([]);
    expect(pathsOf(cmaEs, [x], { nObjectives: 2 })).toEqual(['sampler.type']);
    expect(pathsOf(partly(cmaEs), [x])).toEqual([]);
    expect(pathsOf(partly(cmaEs), [x], { nObjectives: 2 })).toEqual(['sampler.options.base.type']);
  });

  it('lets brute force try what comes to an end, also because the rest is fixed', () => {
    const bruteForce = { type: 'brute-force' };
    expect(pathsOf(bruteForce, [x], { nCombinations: Infinity })).toEqual(['sampler.type']);
    expect(pathsOf(bruteForce, [x], { nCombinations: 6 })).toEqual([]);
    const base = ['sampler.options.base.type'];
    expect(pathsOf(partly(bruteForce), [kind, x])).toEqual(base);
    expect(pathsOf(partly(bruteForce, { x: 0.5 }), [kind, x])).toEqual([]);
    expect(pathsOf(partly(bruteForce, { kind: 'a' }), [kind, x])).toEqual(base);
    const stepped = param('x', createFloatDistribution(0, 1, { step: 0.5 }));
    expect(pathsOf(partly(bruteForce), [kind, stepped])).toEqual([]);
    const single = param('x', createFloatDistribution(1, 1));
    expect(pathsOf(partly(bruteForce), [kind, single])).toEqual([]);
  });

  it('asks a warm start for a result that the study could have too', () => {
    const y = param('y', createFloatDistribution(0, 1));
    const some: SpaceParam = { ...param('z', createFloatDistribution(0, 1)), condition: 'x ≥ 1' };
    const warm = (...results: object[]): object => ({
      type: 'cma-es',
      options: { source: results.map((params) => ({ params, value: 1 })) },
    });
    const at = ['sampler.options.source'];
    expect(pathsOf(warm({ x: 0.5, y: 0.5 }), [x, y, kind, some])).toEqual([]);
    expect(pathsOf(warm({ x: 2, y: 0.5 }, { x: 0.5, y: 1 }), [x, y])).toEqual([]);
    expect(pathsOf(warm({ x: 0.5 }, { y: 0.5 }), [x, y])).toEqual(at);
    expect(pathsOf(warm({ x: 2, y: 0.5 }), [x, y])).toEqual(at);
    expect(pathsOf(warm({ x: '0.5', y: 0.5 }), [x, y])).toEqual(at);
    // Nobody knows the space, or one number is left to the sampler of the rest.
    expect(pathsOf(warm({ a: 1 }), [])).toEqual([]);
    expect(pathsOf(warm({ a: 1 }), [x, kind, some])).toEqual([]);
    expect(pathsOf(partly(warm({ y: 0.5 }), { x: 0.5 }), [x, y])).toEqual([]);
  });

  it('asks a grid within a partly fixed search for what is not fixed', () => {
    const gridOf = (searchSpace: object): object => ({ type: 'grid', options: { searchSpace } });
    const grid = 'sampler.options.base.options.searchSpace';
    expect(pathsOf(partly(gridOf({ kind: ['a'] }), { x: 0.5 }), [kind, x])).toEqual([]);
    expect(pathsOf(partly(gridOf({ kind: ['a'] })), [kind, x])).toEqual([grid]);
    expect(pathsOf(partly(gridOf({ kind: ['a', 'c'] }), { x: 0.5 }), [kind, x])).toEqual([
      `${grid}.kind.1`,
    ]);
  });
});
