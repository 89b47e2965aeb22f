import { seedOption, type OptionSpec } from '../../options.ts';
import type { ConstraintsFunction } from '../constraints.ts';
import type { SamplerOptions } from '../sampler.ts';
import { crossoverNames, type CrossoverName } from './crossovers.ts';

export const mutationNames = ['resample', 'polynomial'] as const;
export type MutationName = (typeof mutationNames)[number];

/** What NSGA-II and NSGA-III share. */
export interface GeneticSamplerOptions extends SamplerOptions {
  /** Trials per generation, and parents of the next; at least 2, with spx and undx 3. @default 50 */
  populationSize?: number;
  /** How children come from their parents. Categorical parameters are always crossed uniformly. @default 'uniform' */
  crossover?: CrossoverName;
  /** The probability that a trial has several parents; otherwise it begins as a copy of one. @default 0.9 */
  crossoverProb?: number;
  /** The probability that a parameter of a uniform crossover comes from the second parent. @default 0.5 */
  swappingProb?: number;
  /** What happens to a parameter that mutates: a new value at random, or a near one if it is numeric. @default 'resample' */
  mutation?: MutationName;
  /** The probability that a parameter mutates. @default 1 / (number of parameters) */
  mutationProb?: number;
  /** polynomial mutation: the larger, the less it changes. @default 20 */
  mutationEta?: number;
  /** blx-alpha: by how much of their distance children may lie beyond their parents. @default 0.5 */
  alpha?: number;
  /** spx: by how much the simplex of the parents is enlarged. @default sqrt(number of parameters + 2) */
  epsilon?: number;
  /** sbx, vsbx: the larger, the nearer are children to their parents. @default 20, with one objective 2 */
  eta?: number;
  /** sbx, vsbx: the probability that a parameter is the other child's. @default 0.5 */
  uniformCrossoverProb?: number;
  /** sbx, vsbx: the probability that a parameter is a child's and not a parent's. @default 0.5 */
  useChildGeneProb?: number;
  /** undx: deviation along the line of the first two parents, in parts of their distance. @default 0.5 */
  sigmaXi?: number;
  /** undx: deviation across that line, in parts of the third parent's distance. @default 0.35 / sqrt(number of parameters) */
  sigmaEta?: number;
  /** Constraints of a finished trial, all <= 0 where it is feasible. `trial.setConstraint` does the same from within. @default none */
  constraints?: ConstraintsFunction;
}

export const geneticSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'populationSize',
    title: 'Population size',
    description: 'Trials per generation, and parents of the next.',
    isInteger: true,
    min: 2,
    default: 50,
  },
  {
    type: 'choice',
    name: 'crossover',
    title: 'Crossover',
    description: 'How children come from their parents.',
    choices: crossoverNames,
    default: 'uniform',
  },
  {
    type: 'number',
    name: 'crossoverProb',
    title: 'Crossover probability',
    description: 'The probability that a trial has several parents, not one.',
    min: 0,
    max: 1,
    default: 0.9,
  },
  {
    type: 'number',
    name: 'swappingProb',
    title: 'Swapping probability',
    description:
      'The probability that a parameter of a uniform crossover comes from the second parent.',
    min: 0,
    max: 1,
    default: 0.5,
  },
  {
    type: 'choice',
    name: 'mutation',
    title: 'Mutation',
    description:
      'What happens to a parameter that mutates: a new value at random, or a near one if it is numeric.',
    choices: mutationNames,
    default: 'resample',
  },
  {
    type: 'number',
    name: 'mutationProb',
    title: 'Mutation probability',
    description:
      'The probability that a parameter mutates; one parameter on average where it is left out.',
    min: 0,
    max: 1,
    default: null,
  },
  {
    type: 'number',
    name: 'mutationEta',
    title: 'Mutation index',
    description: 'Polynomial mutation: the larger, the less it changes.',
    min: 0,
    max: 1e6,
    default: 20,
  },
  {
    type: 'number',
    name: 'alpha',
    title: 'BLX alpha',
    description:
      'Crossover blx-alpha: by how much of their distance children may lie beyond their parents.',
    min: 0,
    max: 1e6,
    default: 0.5,
  },
  {
    type: 'number',
    name: 'epsilon',
    title: 'SPX expansion',
    description: 'Crossover spx: by how much the simplex of the parents is enlarged.',
    min: 0,
    max: 1e6,
    default: null,
  },
  {
    type: 'number',
    name: 'eta',
    title: 'SBX index',
    description: 'Crossovers sbx and vsbx: the larger, the nearer are children to their parents.',
    min: 0,
    max: 1e6,
    default: null,
  },
  {
    type: 'number',
    name: 'uniformCrossoverProb',
    title: 'SBX exchange',
    description: "Crossovers sbx and vsbx: the probability that a parameter is the other child's.",
    min: 0,
    max: 1,
    default: 0.5,
  },
  {
    type: 'number',
    name: 'useChildGeneProb',
    title: 'SBX novelty',
    description:
      "Crossovers sbx and vsbx: the probability that a parameter is a child's and not a parent's.",
    min: 0,
    max: 1,
    default: 0.5,
  },
  {
    type: 'number',
    name: 'sigmaXi',
    title: 'UNDX along',
    description:
      'Crossover undx: deviation along the line of the first two parents, in parts of their distance.',
    min: 0,
    max: 1e6,
    default: 0.5,
  },
  {
    type: 'number',
    name: 'sigmaEta',
    title: 'UNDX across',
    description:
      "Crossover undx: deviation across that line, in parts of the third parent's distance.",
    min: 0,
    max: 1e6,
    default: null,
  },
  seedOption,
  {
    type: 'function',
    name: 'constraints',
    title: 'Constraints',
    description: 'Constraints of a finished trial, all at most 0 where it is feasible.',
  },
];

export interface CheckedGeneticOptions {
  readonly populationSize: number;
  readonly crossover: CrossoverName;
  readonly crossoverProb: number;
  readonly swappingProb: number;
  readonly mutation: MutationName;
  readonly mutationProb: number | null;
  readonly mutationEta: number;
  readonly alpha: number;
  readonly epsilon: number | null;
  readonly eta: number | null;
  readonly uniformCrossoverProb: number;
  readonly useChildGeneProb: number;
  readonly sigmaXi: number;
  readonly sigmaEta: number | null;
  readonly constraints: ConstraintsFunction | null;
  readonly seed: number | null;
}
