import { InvalidArgumentError } from '../errors.ts';
import type { OptionSpec, OptionValues } from '../options.ts';
import type { ImportanceEvaluator } from './evaluator.ts';
import { FanovaEvaluator, fanovaOptions } from './fanova.ts';
import {
  MeanDecreaseImpurityEvaluator,
  meanDecreaseImpurityOptions,
} from './mean-decrease-impurity.ts';
import { PedAnovaEvaluator, pedAnovaOptions } from './ped-anova.ts';

/** An importance evaluator as data: what forms, documentation and tests are made from. */
export interface ImportanceEvaluatorEntry {
  /** Lower case with hyphens. */
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** What it can do. */
  readonly supports: {
    /** All objectives of a study at once. One of them, or another target, every evaluator takes. */
    readonly multiObjective: boolean;
    /** Parameters that only some trials have, or whose distribution changes. */
    readonly conditional: boolean;
    /** `evaluatePairs`. */
    readonly pairs: boolean;
  };
  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  create(options?: OptionValues): ImportanceEvaluator;
}

/** All importance evaluators, the default first. */
export const importanceEvaluators: readonly ImportanceEvaluatorEntry[] = [
  {
    name: 'ped-anova',
    title: 'PED-ANOVA',
    description:
      'Which parameters it takes to be among the best trials; fast, also for conditional parameters.',
    options: pedAnovaOptions,
    supports: { multiObjective: true, conditional: true, pairs: false },
    create: (options) => new PedAnovaEvaluator(options),
  },
  {
    name: 'fanova',
    title: 'fANOVA',
    description:
      'Which parameters, and which pairs, explain how results vary over the whole search space, as a random forest sees it.',
    options: fanovaOptions,
    supports: { multiObjective: false, conditional: false, pairs: true },
    create: (options) => new FanovaEvaluator(options),
  },
  {
    name: 'mean-decrease-impurity',
    title: 'Mean decrease impurity',
    description: 'Which parameters a random forest uses most to tell results apart.',
    options: meanDecreaseImpurityOptions,
    supports: { multiObjective: false, conditional: false, pairs: false },
    create: (options) => new MeanDecreaseImpurityEvaluator(options),
  },
];

/** @throws InvalidArgumentError for an unknown name, an unknown option or a wrong value. */
export function createImportanceEvaluator(
  name: string,
  options: OptionValues = {},
): ImportanceEvaluator {
  const entry = importanceEvaluators.find((one) => one.name === name);
  if (!entry)
    throw new InvalidArgumentError(
      `The importance evaluator must be one of ${importanceEvaluators.map((one) => one.name).join(', ')}, but got "${name}".`,
    );
  return entry.create(options);
}
