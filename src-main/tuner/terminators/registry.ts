import { InvalidArgumentError } from '../errors.ts';
import { checkOptions, type OptionSpec, type OptionValues } from '../options.ts';
import { EmmrEvaluator, emmrOptions } from './emmr.ts';
import {
  ConstantErrorEvaluator,
  CrossValidationErrorEvaluator,
  MedianErrorEvaluator,
  medianErrorOptions,
} from './error-evaluators.ts';
import type { ErrorEvaluator, ImprovementEvaluator } from './improvement-evaluator.ts';
import { ImprovementTerminator } from './improvement.ts';
import { NoImprovementTerminator, noImprovementOptions } from './no-improvement.ts';
import { RegretBoundEvaluator, regretBoundOptions } from './regret-bound.ts';
import {
  TargetValueTerminator,
  targetValueOptions,
  type TargetValueOptions,
} from './target-value.ts';
import type { Terminator } from './terminator.ts';
import { TimeTerminator, timeOptions, type TimeOptions } from './time.ts';

/** A terminator as data: what forms, documentation, spec files and tests are made from. */
export interface TerminatorEntry {
  /** As in spec files: lower case with hyphens. */
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** Whether studies of several objectives can use it. */
  readonly supports: { readonly multiObjective: boolean };
  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  create(options?: OptionValues): Terminator;
}

/** How the improvement terminators know what is not worth the wait. */
const errorOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'minTrials',
    title: 'Complete trials first',
    description: 'Complete trials before the study can end.',
    isInteger: true,
    min: 1,
    default: 20,
  },
  {
    type: 'choice',
    name: 'error',
    title: 'Not worth the wait',
    description:
      "What the improvement is compared with: a share of the improvement at the beginning ('median'), the standard error of the folds of a cross-validation, or a constant.",
    choices: ['median', 'cross-validation', 'constant'],
    default: 'median',
  },
  {
    type: 'number',
    name: 'constant',
    title: 'Constant',
    description: "With 'constant': the improvement that is not worth the wait.",
    default: null,
  },
  ...medianErrorOptions,
];

/** All terminators. */
export const terminators: readonly TerminatorEntry[] = [
  {
    name: 'target-value',
    title: 'Target reached',
    description: 'Ends the study when a trial is at least as good as a target.',
    options: targetValueOptions,
    supports: { multiObjective: true },
    create: (options = {}) => new TargetValueTerminator(options as unknown as TargetValueOptions),
  },
  {
    name: 'no-improvement',
    title: 'No improvement',
    description: 'Ends the study when a number of trials in a row brought nothing better.',
    options: noImprovementOptions,
    supports: { multiObjective: true },
    create: (options) => new NoImprovementTerminator(options),
  },
  {
    name: 'time',
    title: 'Time',
    description: 'Ends the study after some time.',
    options: timeOptions,
    supports: { multiObjective: true },
    create: (options = {}) => new TimeTerminator(options as unknown as TimeOptions),
  },
  {
    name: 'regret-bound',
    title: 'Regret bound',
    description:
      'Ends the study when a model of its trials says that the best one can hardly be beaten.',
    options: [...regretBoundOptions, ...errorOptions],
    supports: { multiObjective: false },
    create: (options = {}) =>
      createImprovementTerminator(
        'regret-bound',
        regretBoundOptions,
        options,
        (own) => new RegretBoundEvaluator(own),
      ),
  },
  {
    name: 'emmr',
    title: 'Expected minimum model regret',
    description:
      'Ends the study when a model of its trials changes its mind about the best value no more.',
    options: [...emmrOptions, ...errorOptions],
    supports: { multiObjective: false },
    create: (options = {}) =>
      createImprovementTerminator('emmr', emmrOptions, options, (own) => new EmmrEvaluator(own)),
  },
];

/** @throws InvalidArgumentError for an unknown name, an unknown option or a wrong value. */
export function createTerminator(name: string, options: OptionValues = {}): Terminator {
  const entry = terminators.find((one) => one.name === name);
  if (!entry)
    throw new InvalidArgumentError(
      `The terminator must be one of ${terminators.map((one) => one.name).join(', ')}, but got "${name}".`,
    );
  return entry.create(options);
}

interface ErrorValues {
  readonly minTrials: number;
  readonly error: string;
  readonly constant: number | null;
}

function createImprovementTerminator(
  name: string,
  evaluatorSpecs: readonly OptionSpec[],
  options: OptionValues,
  createEvaluator: (own: OptionValues) => ImprovementEvaluator,
): Terminator {
  const specs = [...evaluatorSpecs, ...errorOptions];
  const checked = checkOptions<ErrorValues>(name, specs, options);
  const improvement = createEvaluator(pick(checked, evaluatorSpecs));
  return new ImprovementTerminator({
    improvement,
    error: createErrorEvaluator(name, improvement, checked),
    minTrials: checked.minTrials,
  });
}

function createErrorEvaluator(
  name: string,
  improvement: ImprovementEvaluator,
  checked: ErrorValues,
): ErrorEvaluator {
  switch (checked.error) {
    case 'cross-validation':
      return new CrossValidationErrorEvaluator();
    case 'constant':
      if (checked.constant === null)
        throw new InvalidArgumentError(
          `${name}: \`constant\` must be given with \`error: 'constant'\`.`,
        );
      return new ConstantErrorEvaluator(checked.constant);
    default:
      return new MedianErrorEvaluator(improvement, pick(checked, medianErrorOptions));
  }
}

function pick(values: object, specs: readonly OptionSpec[]): OptionValues {
  return Object.fromEntries(specs.map(({ name }) => [name, (values as OptionValues)[name]]));
}
