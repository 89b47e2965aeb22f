/**
 * NSGA-III: NSGA-II for many objectives. Among equals those survive that lie near reference directions which have few others.
 *
 * Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based nondominated sorting approach, part I", IEEE
 * Trans. Evol. Comput. 18 (2014); constraints: part II. Follows `optuna/samplers/_nsgaiii` (5.0), with the differences that `nsga-ii-sampler.ts`
 * tells, and this one: a plane through the extreme points that cuts an axis on the wrong side is not used for scaling.
 */
import { InvalidArgumentError } from '../../errors.ts';
import { checkOptions, type OptionSpec } from '../../options.ts';
import type { StudyView } from '../../study/study-view.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';
import { crowdingOfAll } from './crowding.ts';
import {
  geneticSamplerOptions,
  type CheckedGeneticOptions,
  type GeneticSamplerOptions,
} from './genetic-options.ts';
import { GeneticSampler } from './genetic-sampler.ts';
import { chooseByNiches, referencePoints } from './niching.ts';
import { selectElite } from './population.ts';

export interface NsgaIIISamplerOptions extends GeneticSamplerOptions {
  /** Directions to be covered, one number of at least 0 per objective; trials near them are preferred. @default evenly spread ones */
  referencePoints?: readonly (readonly number[])[];
  /** How many parts each axis of the evenly spread directions is divided into. @default 3 */
  dividingParameter?: number;
}

export const nsgaIIISamplerOptions: readonly OptionSpec[] = [
  ...geneticSamplerOptions,
  {
    type: 'number',
    name: 'dividingParameter',
    title: 'Divisions',
    description: 'How many parts each axis of the evenly spread directions is divided into.',
    isInteger: true,
    min: 1,
    max: 100,
    default: 3,
  },
  {
    type: 'list',
    name: 'referencePoints',
    title: 'Directions',
    description: 'Directions to be covered, instead of evenly spread ones.',
  },
];

interface CheckedOptions extends CheckedGeneticOptions {
  readonly referencePoints: readonly (readonly number[])[] | null;
  readonly dividingParameter: number;
}

export class NsgaIIISampler extends GeneticSampler {
  readonly #referencePoints: readonly (readonly number[])[] | null;

  /**
   * @throws InvalidArgumentError for an unknown option, a wrong value, or a population too small for the crossover. A trial cannot begin when
   *   the reference points have not one number per objective.
   */
  constructor(options: NsgaIIISamplerOptions = {}) {
    const checked = checkOptions<CheckedOptions>('NsgaIIISampler', nsgaIIISamplerOptions, options);
    const { referencePoints: given, dividingParameter } = checked;
    if (given) checkReferencePoints(given);
    super(
      {
        name: 'nsga-iii',
        generationKey: 'NSGAIIISampler:generation',
        survivors: (population, size, rng) => {
          const references = given ?? referencePoints(population.nObjectives, dividingParameter);
          return selectElite(population, size, (chosen, front, nNeeded) =>
            chooseByNiches(population, chosen, front, nNeeded, references, rng),
          );
        },
        // With more than two objectives crowding distances say little.
        preferences: (population) =>
          population.nObjectives > 2 ? null : crowdingOfAll(population),
      },
      checked,
    );
    this.#referencePoints = given;
  }

  override async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    const nObjectives = study.directions.length;
    const nGiven = this.#referencePoints?.[0]?.length ?? nObjectives;
    if (nGiven !== nObjectives)
      throw new InvalidArgumentError(
        `NsgaIIISampler: \`referencePoints\` must have one number per objective (${nObjectives}), but have ${nGiven}.`,
      );
    await super.beforeTrial(study, trial);
  }
}

function checkReferencePoints(points: readonly (readonly number[])[]): void {
  const nObjectives = (points[0] as readonly number[] | undefined)?.length ?? 0;
  const isPoint = (point: unknown): boolean =>
    Array.isArray(point) &&
    point.length === nObjectives &&
    point.every((x) => typeof x === 'number' && x >= 0 && Number.isFinite(x)) &&
    point.some((x) => x > 0);
  if (nObjectives === 0 || !points.every(isPoint))
    throw new InvalidArgumentError(
      'NsgaIIISampler: `referencePoints` must be lists of the same length with numbers of at least 0, not all of them 0.',
    );
}
