import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../../../src-main/tuner/math/rng.ts';
import {
  crossoverNames,
  crossovers,
  type CrossoverName,
  type CrossoverOptions,
} from '../../../../src-main/tuner/samplers/nsga/crossovers.ts';
import { mutatePolynomially } from '../../../../src-main/tuner/samplers/nsga/mutation.ts';

const options: CrossoverOptions = {
  swappingProb: 0.5,
  alpha: 0.5,
  epsilon: null,
  eta: 2,
  uniformCrossoverProb: 0.5,
  useChildGeneProb: 0.5,
  sigmaXi: 0.5,
  sigmaEta: null,
};

const p1 = Float64Array.of(0.2, 0.5, 0.9);
const p2 = Float64Array.of(0.6, 0.5, 0.1);
const p3 = Float64Array.of(0.3, 0.8, 0.4);

function children(
  name: CrossoverName,
  changes: Partial<CrossoverOptions> = {},
  nChildren = 4000,
): Float64Array[] {
  const { cross, nParents } = crossovers[name];
  const parents = [p1, p2, p3].slice(0, nParents);
  const rng = createRng(name);
  return Array.from({ length: nChildren }, () => cross(parents, { ...options, ...changes }, rng));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Uniform numbers that are given. */
function fixedRng(...uniforms: number[]): Rng {
  return { ...createRng(0), uniform: () => uniforms.shift() ?? 0 };
}

describe('crossovers', () => {
  it.each(crossoverNames)('%s gives finite children of any parents, also of equal ones', (name) => {
    const unit = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
    const { cross, nParents } = crossovers[name];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }).chain((n) =>
          fc.array(fc.array(unit, { minLength: n, maxLength: n }), {
            minLength: nParents,
            maxLength: nParents,
          }),
        ),
        fc.nat(),
        fc.constantFrom(0, 2, 20, 1e6),
        (parents, seed, eta) => {
          const genomes = parents.map((parent) => Float64Array.from(parent));
          const child = cross(genomes, { ...options, eta }, createRng(seed));
          expect(child).toHaveLength((parents[0] as number[]).length);
          for (const x of child) expect(Number.isFinite(x)).toBe(true);
          if (name === 'uniform' || name === 'sbx')
            for (const x of child) {
              expect(x).toBeGreaterThanOrEqual(-1e-9);
              expect(x).toBeLessThanOrEqual(1 + 1e-9);
            }
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(crossoverNames)('%s keeps to the middle of its parents on average', (name) => {
    const parents = [p1, p2, p3].slice(0, crossovers[name].nParents);
    // UNDX: the third parent only says how far children lie from the line of the others.
    const centered = name === 'undx' ? parents.slice(0, 2) : parents;
    const all = children(name, { eta: 20 }, 20_000);
    p1.forEach((_, i) =>
      expect(mean(all.map((child) => child[i] as number))).toBeCloseTo(
        mean(centered.map((parent) => parent[i] as number)),
        1,
      ),
    );
  });

  it('uniform takes each coordinate from one of the parents', () => {
    const fromSecond = children('uniform', { swappingProb: 0.2 }).filter((child) => {
      expect([0.2, 0.6]).toContain(child[0]);
      expect([0.9, 0.1]).toContain(child[2]);
      return child[0] === 0.6;
    });
    expect(fromSecond.length / 4000).toBeCloseTo(0.2, 1);
    for (const child of children('uniform', { swappingProb: 0 })) expect(child).toEqual(p1);
    for (const child of children('uniform', { swappingProb: 1 })) expect(child).toEqual(p2);
  });

  it('blx-alpha fills the box around the parents', () => {
    const x = children('blx-alpha').map((child) => child[0] as number);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...x)).toBeLessThan(0.01);
    expect(Math.max(...x)).toBeLessThanOrEqual(0.8);
    expect(Math.max(...x)).toBeGreaterThan(0.79);
    const inner = children('blx-alpha', { alpha: 0 }).map((child) => child[0] as number);
    expect(Math.min(...inner)).toBeGreaterThanOrEqual(0.2);
    expect(Math.max(...inner)).toBeLessThanOrEqual(0.6);
  });

  it('spx stays in the enlarged simplex', () => {
    const epsilon = 1.5;
    const center = p1.map(
      (_, i) => ((p1[i] as number) + (p2[i] as number) + (p3[i] as number)) / 3,
    );
    for (const child of children('spx', { epsilon }, 500)) {
      // Barycentric coordinates in the plane of the parents, by least squares.
      const [a, b] = [p1, p2].map((p) => p.map((x, i) => x - (p3[i] as number))) as [
        Float64Array,
        Float64Array,
      ];
      const c = child.map((x, i) => (center[i] as number) + (x - (center[i] as number)) / epsilon);
      const d = c.map((x, i) => x - (p3[i] as number));
      const dot = (u: Float64Array, v: Float64Array) =>
        u.reduce((sum, x, i) => sum + x * (v[i] as number), 0);
      const det = dot(a, a) * dot(b, b) - dot(a, b) ** 2;
      const s = (dot(d, a) * dot(b, b) - dot(d, b) * dot(a, b)) / det;
      const t = (dot(d, b) * dot(a, a) - dot(d, a) * dot(a, b)) / det;
      expect(s).toBeGreaterThanOrEqual(-1e-12);
      expect(t).toBeGreaterThanOrEqual(-1e-12);
      expect(s + t).toBeLessThanOrEqual(1 + 1e-12);
      d.forEach((x, i) => expect(x).toBeCloseTo(s * (a[i] as number) + t * (b[i] as number), 12));
    }
  });

  it('sbx gives the children of its equations', () => {
    // One coordinate, parents 0.2 and 0.6, eta 2, u 0.3; worked out by hand with bounds 0 and 1.
    const alphaLow = 2 - (1 + (2 * 0.2) / 0.4) ** -3;
    const alphaHigh = 2 - (1 + (2 * 0.4) / 0.4) ** -3;
    const low = 0.5 * (0.8 - (0.3 * alphaLow) ** (1 / 3) * 0.4);
    const high = 0.5 * (0.8 + (0.3 * alphaHigh) ** (1 / 3) * 0.4);
    const cross = (...uniforms: number[]) =>
      crossovers.sbx.cross(
        [Float64Array.of(0.2), Float64Array.of(0.6)],
        options,
        // u; first child; gene of a child; not exchanged.
        fixedRng(...uniforms),
      )[0];
    expect(cross(0.3, 0.9, 0.1, 0.9)).toBeCloseTo(low, 14);
    expect(cross(0.3, 0.1, 0.1, 0.9)).toBeCloseTo(high, 14);
    expect(cross(0.3, 0.9, 0.1, 0.1)).toBeCloseTo(high, 14);
    expect(cross(0.3, 0.9, 0.9, 0.9)).toBe(0.2);
    expect(cross(0.3, 0.1, 0.9, 0.9)).toBe(0.6);
  });

  it('vsbx gives children on both sides of a parent', () => {
    const all = children('vsbx', { useChildGeneProb: 1, eta: 2 }).map(
      (child) => child[0] as number,
    );
    for (const [from, to] of [
      [-Infinity, 0.2],
      [0.2, 0.4],
      [0.4, 0.6],
      [0.6, Infinity],
    ] as const)
      expect(all.filter((x) => x > from && x < to).length).toBeGreaterThan(200);
  });

  it('undx spreads along the line of the parents, and across by the third', () => {
    const all = children('undx', { sigmaXi: 0.1, sigmaEta: 0.2 }, 20_000);
    const along = p2.map((x, i) => x - (p1[i] as number));
    const length = Math.hypot(...along);
    const toThird = p3.map((x, i) => x - (p1[i] as number));
    const share = toThird.reduce((sum, x, i) => sum + x * (along[i] as number), 0) / length ** 2;
    const distance = Math.hypot(...toThird.map((x, i) => x - share * (along[i] as number)));
    const parts = all.map((child) => {
      const offset = child.map((x, i) => x - ((p1[i] as number) + (p2[i] as number)) / 2);
      const xi = offset.reduce((sum, x, i) => sum + x * (along[i] as number), 0) / length ** 2;
      const across = Math.hypot(...offset.map((x, i) => x - xi * (along[i] as number)));
      return { xi, across };
    });
    expect(Math.sqrt(mean(parts.map(({ xi }) => xi ** 2)))).toBeCloseTo(0.1, 2);
    // Two directions are orthogonal to the line.
    expect(Math.sqrt(mean(parts.map(({ across }) => across ** 2)) / 2)).toBeCloseTo(
      0.2 * distance,
      2,
    );
  });
});

describe('mutatePolynomially', () => {
  it('stays in the range, near where it was', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        fc.constantFrom(0, 1, 20, 1e6),
        (x, seed, eta) => {
          const moved = mutatePolynomially(x, eta, createRng(seed));
          expect(moved).toBeGreaterThanOrEqual(0);
          expect(moved).toBeLessThanOrEqual(1);
        },
      ),
    );
    const distances = (eta: number) => {
      const rng = createRng(1);
      return mean(
        Array.from({ length: 2000 }, () => Math.abs(mutatePolynomially(0.5, eta, rng) - 0.5)),
      );
    };
    expect(distances(20)).toBeLessThan(0.05);
    expect(distances(1)).toBeGreaterThan(0.1);
  });

  it('follows its equation', () => {
    const u = 0.2;
    const delta = (2 * u + (1 - 2 * u) * (1 - 0.3) ** 21) ** (1 / 21) - 1;
    expect(mutatePolynomially(0.3, 20, fixedRng(u))).toBeCloseTo(0.3 + delta, 14);
    const v = 0.9;
    const up = 1 - (2 * (1 - v) + 2 * (v - 0.5) * 0.3 ** 21) ** (1 / 21);
    expect(mutatePolynomially(0.3, 20, fixedRng(v))).toBeCloseTo(0.3 + up, 14);
  });
});
