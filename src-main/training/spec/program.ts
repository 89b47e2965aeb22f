import { z } from 'zod';
import type { Space } from '../hyperparameter.ts';
import { headShape, stopIssues, searchShape } from './common.ts';
import { searchSpaceSchema } from './hyperparameter.ts';

const goalSchema = z.strictObject({
  name: z.string().min(1).max(512).describe('What it is called, such as "loss".'),
  direction: z.enum(['minimize', 'maximize']).default('minimize'),
});

const runSchema = z.union([
  z.strictObject({
    module: z
      .string()
      .min(1)
      .describe(
        'A JavaScript or TypeScript module, relative to the spec, that exports `objective(trial)`: it returns a number, or one per objective.',
      ),
  }),
  z.strictObject({
    command: z
      .array(z.string())
      .min(1)
      .describe(
        'A program and its arguments, started once per trial and without a shell. It is given the parameters as JSON on stdin and in the environment, and writes its value to stdout.',
      ),
    folder: z
      .string()
      .min(1)
      .default('.')
      .describe('Where the command is started, relative to the spec.'),
    graceS: z
      .number()
      .positive()
      .max(3600)
      .default(5)
      .describe('A trial that is pruned or stopped has so many seconds to end after SIGTERM.'),
  }),
]);

/** A study of an objective of the user's own: a module or a command. */
export const programStudySchema = z
  .strictObject({
    ...headShape,
    objective: z
      .union([goalSchema, z.array(goalSchema).min(1)])
      .default({ name: 'value', direction: 'minimize' })
      .describe('What is optimized: one number or several, in the order they are returned.'),
    run: runSchema.describe('What computes a trial: a program of your own.'),
    space: z
      .record(z.string().min(1).max(512), searchSpaceSchema)
      .optional()
      .describe(
        'The parameters, by name. A command needs it; a module may also ask for its parameters by itself.',
      ),
    ...searchShape,
  })
  .superRefine((spec, context) => {
    const { run, space, objective } = spec;
    const issues = stopIssues(spec.stop, Array.isArray(objective) ? objective.length : 1, false);
    if ('command' in run && (!space || Object.keys(space).length === 0))
      issues.push({
        path: ['space'],
        message: 'is required for a command, which cannot ask for its parameters by itself.',
      });
    if (spec.duplicates === 'reuse' && !space)
      issues.push({
        path: ['duplicates'],
        message:
          'must be allow unless `space` declares the parameters: which ones a module asks for is known only when it runs.',
      });
    for (const { path, message } of issues) context.addIssue({ code: 'custom', path, message });
  });

/** A study of an own objective, defaults filled in. */
export type ProgramStudySpec = Omit<z.output<typeof programStudySchema>, 'space'> & {
  readonly space?: Readonly<Record<string, Space>> | undefined;
};
