import {
  isSingle,
  toExternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { createRng, type Rng } from '../../math/rng.ts';
import { intersectionSearchSpace } from '../../search-space/intersection.ts';
import { internalFromUnit, unitFromInternal } from '../../search-space/transform.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import type { FrozenTrial, TrialState } from '../../trial/frozen-trial.ts';
import { storeConstraints } from '../constraints.ts';
import { IndependentSampling } from '../independent.ts';
import { sampleUniform } from '../random.ts';
import type { Sampler } from '../sampler.ts';
import { crossovers, type CrossoverOptions } from './crossovers.ts';
import type { CheckedGeneticOptions } from './genetic-options.ts';
import { Lineage, PARENTS } from './lineage.ts';
import { mutatePolynomially } from './mutation.ts';
import { createPopulation, dominates, type Population } from './population.ts';

/** What tells one genetic algorithm from another. */
export interface GeneticAlgorithm {
  /** As in the registry. */
  readonly name: string;
  /** The trial attribute that tells the generation. */
  readonly generationKey: string;
  /** The indices of `size` survivors of a population. */
  survivors(population: Population, size: number, rng: Rng): number[];
  /** How much each of a population is preferred as a parent to those that are no better and no worse; null: not at all. */
  preferences(population: Population): Float64Array | null;
}

/** How often parents are chosen anew when their child lies outside of the ranges, before it is moved to the border. */
const MAX_ATTEMPTS = 100;

/**
 * A genetic algorithm: a generation is `populationSize` trials at random; the next ones are children of the best of all so far. Subclasses say
 * which ones are the best.
 */
export class GeneticSampler implements Sampler {
  readonly name: string;
  readonly #options: CheckedGeneticOptions;
  readonly #algorithm: GeneticAlgorithm;
  readonly #notes: IndependentSampling;
  readonly #lineages = new WeakMap<StudyHistory, Lineage>();

  /** @throws InvalidArgumentError when the crossover needs more parents than the population has. */
  constructor(algorithm: GeneticAlgorithm, options: CheckedGeneticOptions) {
    this.name = algorithm.name;
    this.#algorithm = algorithm;
    this.#options = options;
    this.#notes = new IndependentSampling(
      this.name,
      'not every trial had it with the same distribution',
      true,
    );
    const { nParents } = crossovers[options.crossover];
    if (options.populationSize < nParents)
      throw new InvalidArgumentError(
        `\`populationSize\` must be at least ${nParents} for the crossover ${options.crossover}, but got ${options.populationSize}.`,
      );
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    const lineage = await this.#lineageOf(study);
    let generation = this.#generationOf(trial);
    if (generation === null) {
      generation = lineage.current;
      await study.setTrialSystemAttr(trial.trialId, this.#algorithm.generationKey, generation);
    }
    if (generation > 0 && lineage.opens(trial.number, generation))
      await study.setTrialSystemAttr(trial.trialId, PARENTS, [...lineage.parents(generation)]);
  }

  async inferRelativeSearchSpace(study: StudyView): Promise<SearchSpace> {
    const space = intersectionSearchSpace(await study.getHistory());
    return Object.fromEntries(
      Object.entries(space).filter(([, distribution]) => !isSingle(distribution)),
    );
  }

  async sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    const generation = this.#generationOf(trial);
    if (generation === null || generation === 0) return {};
    const lineage = await this.#lineageOf(study);
    const history = await study.getHistory();
    const genomes = this.#genomes(history, lineage.parents(generation), searchSpace);
    if (genomes.parents.length < crossovers[this.#options.crossover].nParents) return {};

    const rng = createRng(this.#seedOf(study), trial.number, this.name);
    const child =
      rng.uniform() < this.#options.crossoverProb
        ? this.#cross(genomes, rng)
        : (genomes.parents[rng.integer(genomes.parents.length)] as Genome).internals.slice();
    this.#mutate(child, genomes, rng);
    return Object.fromEntries(
      genomes.names.map((name, i) => [
        name,
        toExternal(genomes.distributions[i] as Distribution, child[i] as number),
      ]),
    );
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    if ((this.#generationOf(trial) ?? 0) > 0) await this.#notes.note(study, trial, name);
    return sampleUniform(this.#seedOf(study), trial.number, name, distribution);
  }

  async afterTrial(study: StudyView, trial: FrozenTrial, state: TrialState): Promise<void> {
    if (this.#options.constraints)
      await storeConstraints(study, trial, state, this.#options.constraints);
  }

  /** The parents that have all parameters of the space. */
  #genomes(history: StudyHistory, rows: readonly number[], space: SearchSpace): Genomes {
    const names = Object.keys(space);
    const distributions = Object.values(space);
    const internalsOf = (row: number) =>
      names.map((name) => history.params.get(name)?.values[row] ?? NaN);
    const whole = rows.filter((row) => !internalsOf(row).some((x) => Number.isNaN(x)));
    const parents = whole.map((row, index) => {
      const internals = internalsOf(row);
      const numeric = distributions.flatMap((distribution, i) =>
        distribution.type === 'categorical'
          ? []
          : [unitFromInternal(distribution, internals[i] as number)],
      );
      return { index, internals, units: Float64Array.from(numeric) };
    });
    const population = createPopulation(history, whole);
    const preferences = this.#algorithm.preferences(population);
    return { names, distributions, parents, population, preferences };
  }

  /** A child of parents that are won in tournaments of two, as internal values. */
  #cross(genomes: Genomes, rng: Rng): number[] {
    const { crossover, swappingProb } = this.#options;
    const { nParents, cross } = crossovers[crossover];
    const options = this.#crossoverOptions(genomes.population.nObjectives);
    for (let attempt = 1; ; attempt++) {
      const parents = chooseParents(genomes, nParents, rng);
      const [first, last] = [parents[0] as Genome, parents.at(-1) as Genome];
      const units = cross(
        parents.map(({ units }) => units),
        options,
        rng,
      );
      const isInside = units.every((x) => x >= 0 && x <= 1);
      if (!isInside && attempt < MAX_ATTEMPTS) continue;
      let k = 0;
      return genomes.distributions.map((distribution, i) => {
        if (distribution.type !== 'categorical')
          return internalFromUnit(distribution, Math.min(Math.max(units[k++] as number, 0), 1));
        return (rng.uniform() < swappingProb ? last : first).internals[i] as number;
      });
    }
  }

  #mutate(child: number[], { names, distributions }: Genomes, rng: Rng): void {
    const { mutation, mutationProb, mutationEta } = this.#options;
    distributions.forEach((distribution, i) => {
      if (rng.uniform() >= (mutationProb ?? 1 / names.length)) return;
      if (mutation === 'polynomial' && distribution.type !== 'categorical') {
        const unit = unitFromInternal(distribution, child[i] as number);
        child[i] = internalFromUnit(distribution, mutatePolynomially(unit, mutationEta, rng));
      } else child[i] = internalFromUnit(distribution, rng.uniform());
    });
  }

  #crossoverOptions(nObjectives: number): CrossoverOptions {
    return { ...this.#options, eta: this.#options.eta ?? (nObjectives > 1 ? 20 : 2) };
  }

  async #lineageOf(study: StudyView): Promise<Lineage> {
    const history = await study.getHistory();
    let lineage = this.#lineages.get(history);
    if (!lineage) {
      const { populationSize } = this.#options;
      const seed = this.#seedOf(study);
      lineage = new Lineage(
        history,
        this.#algorithm.generationKey,
        populationSize,
        (rows, generation) => {
          if (rows.length <= populationSize) return rows;
          const rng = createRng(seed, this.name, 'generation', generation);
          const population = createPopulation(history, rows);
          return this.#algorithm
            .survivors(population, populationSize, rng)
            .map((i) => rows[i] as number);
        },
      );
      this.#lineages.set(history, lineage);
    }
    await lineage.refresh(study);
    return lineage;
  }

  #generationOf({ systemAttrs }: FrozenTrial): number | null {
    const generation = systemAttrs[this.#algorithm.generationKey];
    return typeof generation === 'number' ? generation : null;
  }

  #seedOf(study: StudyView): number {
    return this.#options.seed ?? study.seed;
  }
}

/** Parents with their parameters. */
interface Genomes {
  readonly names: readonly string[];
  readonly distributions: readonly Distribution[];
  readonly parents: readonly Genome[];
  readonly population: Population;
  /** See `GeneticAlgorithm`. */
  readonly preferences: Float64Array | null;
}

interface Genome {
  /** In the population. */
  readonly index: number;
  readonly internals: readonly number[];
  /** The numeric ones in the unit cube. */
  readonly units: Float64Array;
}

/** Different parents, each the better or preferred one of two drawn at random. */
function chooseParents(
  { parents, population, preferences }: Genomes,
  n: number,
  rng: Rng,
): Genome[] {
  const rest = [...parents];
  return Array.from({ length: n }, () => {
    const a = rest[rng.integer(rest.length)] as Genome;
    const b = rest[rng.integer(rest.length)] as Genome;
    const isFirstBetter =
      dominates(population, a.index, b.index) ||
      (preferences !== null &&
        !dominates(population, b.index, a.index) &&
        (preferences[a.index] as number) > (preferences[b.index] as number));
    const winner = isFirstBetter ? a : b;
    rest.splice(rest.indexOf(winner), 1);
    return winner;
  });
}
