import { z } from 'zod';
import { pruners } from '../../tuner/pruners/registry.ts';
import { samplers } from '../../tuner/samplers/registry.ts';
import { terminators } from '../../tuner/terminators/registry.ts';
import { algorithmSchema } from '../algorithm-schema.ts';

/** What opens every spec. */
export const headShape = {
  $schema: z.string().optional().describe('For editors; not read.'),
  name: z.string().min(1).max(512).describe("The study's name."),
  description: z.string().optional(),
};

const stopSchema = z
  .strictObject({
    trials: z.int().min(1).optional().describe('So many finished trials.'),
    timeoutS: z.number().positive().optional().describe('So many seconds.'),
    target: z.number().optional().describe('A value at least this good (one objective).'),
    noImprovementTrials: z
      .int()
      .min(1)
      .optional()
      .describe(
        'So many finished trials in a row without a new best; with several objectives, without one that no earlier trial outdoes.',
      ),
    rules: z.array(algorithmSchema(terminators)).default([]).describe('Other rules.'),
  })
  .prefault({})
  .describe('The study ends when the first of these is true.');

type Stop = z.output<typeof stopSchema>;

/** How a study searches, ends and treats its trials, whatever its objective is. */
export const searchShape = {
  sampler: algorithmSchema(samplers)
    .prefault({ type: 'auto' })
    .describe(
      'Chooses the parameters. Default: "auto", which picks a sampler for each trial and says why.',
    ),
  pruner: algorithmSchema(pruners)
    .prefault({ type: 'nop' })
    .describe('Gives up poor trials early.'),
  stop: stopSchema,
  seed: z
    .int()
    .min(0)
    .optional()
    .describe('Everything random derives from it. Default: drawn anew for each study.'),
  jobs: z.int().min(1).max(1024).default(1).describe('Trials that run at the same time.'),
  perTrialTimeoutS: z
    .number()
    .positive()
    .optional()
    .describe('A trial that runs longer is ended and counts as failed. Default: no limit.'),
  retryFailed: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'A trial that failed is run again with its parameters, up to so many times; each time counts as a trial.',
    ),
  duplicates: z
    .enum(['allow', 'reuse'])
    .default('allow')
    .describe(
      'A trial with exactly the parameters of a complete one: "allow" runs it, "reuse" gives it the values of that one without running.',
    ),
  perTrialMemoryMb: z
    .int()
    .min(64)
    .optional()
    .describe(
      "A trial whose process takes more memory is ended and counts as failed. Default: an equal share of three quarters of the machine's memory.",
    ),
};

/** A rule between sections that is broken. */
export interface RuleIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** The rules between how a study ends, how many objectives it has, and whether its trials are trained fold by fold. */
export function stopIssues(
  { target, rules }: Stop,
  nObjectives: number,
  hasFolds: boolean,
): RuleIssue[] {
  const issues: RuleIssue[] = [];
  if (nObjectives > 1 && target !== undefined)
    issues.push({
      path: ['stop', 'target'],
      message:
        'is possible with one objective only. The rule `target-value` has an option `objective`.',
    });
  rules.forEach(({ type, options }, i) => {
    const path = ['stop', 'rules', i];
    const entry = terminators.find(({ name }) => name === type);
    if (nObjectives > 1 && !entry?.supports.multiObjective)
      issues.push({
        path: [...path, 'type'],
        message: `is possible with one objective only, but got ${type}.`,
      });
    if (options.error === 'cross-validation' && !hasFolds)
      issues.push({
        path: [...path, 'options', 'error'],
        message: 'must be median or constant where the rows are not split into folds.',
      });
    if (type === 'target-value') {
      const objective = options.objective ?? (nObjectives === 1 ? 0 : undefined);
      if (!(Number(objective) < nObjectives))
        issues.push({
          path: [...path, 'options', 'objective'],
          message: `must be the index of one of ${nObjectives} objectives, but got ${objective ?? 'nothing'}.`,
        });
    }
  });
  return issues;
}
