import type { Rng } from '../../math/rng.ts';

/**
 * Polynomial mutation: a coordinate moves a little, seldom far, and stays in [0, 1].
 *
 * Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Trans. Evol. Comput. 6 (2002), with
 * the bounds of the authors' program (revision 1.1.6).
 *
 * @param x From 0 to 1.
 * @param eta The larger, the less it moves.
 */
export function mutatePolynomially(x: number, eta: number, rng: Rng): number {
  const u = rng.uniform();
  const power = eta + 1;
  const moved =
    u <= 0.5
      ? (2 * u + (1 - 2 * u) * (1 - x) ** power) ** (1 / power) - 1
      : 1 - (2 * (1 - u) + (2 * u - 1) * x ** power) ** (1 / power);
  return Math.min(Math.max(x + moved, 0), 1);
}
