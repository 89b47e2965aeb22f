/**
 * NSGA-II: a genetic algorithm for several objectives. Of each generation and its parents those survive that are dominated least, and among
 * equals those that stand apart from the others.
 *
 * Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Trans. Evol. Comput. 6 (2002).
 * Follows `optuna/samplers/nsgaii` and `_ga` (5.0), also in the attribute that tells a trial's generation, so that each can go on where
 * the other stopped. It differs in these points:
 * - The parents of a generation are noted on the trial that opens it, by number, not in the study by id, which a copy would break.
 * - Of two candidates of which none is better the lonelier one becomes a parent, as in the paper; Optuna takes either.
 * - Crossovers work in the unit cube, so that the scales of the parameters make no difference, and give up on parents whose children lie outside
 *   after 100 attempts. UNDX takes its sigmas as standard deviations, and vSBX has one beta per parameter, as their papers say.
 */
import { checkOptions } from '../../options.ts';
import { chooseByCrowding, crowdingOfAll } from './crowding.ts';
import {
  geneticSamplerOptions,
  type CheckedGeneticOptions,
  type GeneticSamplerOptions,
} from './genetic-options.ts';
import { GeneticSampler } from './genetic-sampler.ts';
import { selectElite } from './population.ts';

export type NsgaIISamplerOptions = GeneticSamplerOptions;

export const nsgaIISamplerOptions = geneticSamplerOptions;

export class NsgaIISampler extends GeneticSampler {
  /** @throws InvalidArgumentError for an unknown option, a wrong value, or a population too small for the crossover. */
  constructor(options: NsgaIISamplerOptions = {}) {
    super(
      {
        name: 'nsga-ii',
        generationKey: 'NSGAIISampler:generation',
        survivors: (population, size) =>
          selectElite(population, size, (_chosen, front, nNeeded) =>
            chooseByCrowding(population, front, nNeeded),
          ),
        preferences: crowdingOfAll,
      },
      checkOptions<CheckedGeneticOptions>('NsgaIISampler', nsgaIISamplerOptions, options),
    );
  }
}
