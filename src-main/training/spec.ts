import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { pruners } from '../tuner/pruners/registry.ts';
import { samplers } from '../tuner/samplers/registry.ts';
import { terminators } from '../tuner/terminators/registry.ts';
import { algorithmSchema } from './algorithm-schema.ts';
import { messageOf, SpecError } from './errors.ts';
import { resourcesDir } from './resources.ts';
import { dataSchema } from './spec/data.ts';
import { toSpecIssues } from './spec/messages.ts';
import type { SchemaNode } from './spec/messages.ts';
import { networkSchema } from './spec/network.ts';
import { crossIssues } from './spec/rules.ts';
import { trainingSchema } from './spec/training.ts';
import { backends, costs, engines, metrics } from './vocabulary.ts';

const objectiveSchema = z.strictObject({
  metric: z
    .enum([...metrics, ...costs])
    .describe(
      'Measured on the validation rows after every epoch: f1 is the mean over the classes, rocAuc with more than two classes the mean over one against the rest, logLoss the cross-entropy without class weights or smoothing, loss what training minimizes. Beside such a metric also "parameters", the number of trainable weights, or "trainingSeconds", the time of all epochs.',
    ),
  direction: z
    .enum(['minimize', 'maximize'])
    .optional()
    .describe(
      "Default: the metric's own (accuracy, balancedAccuracy, f1, rocAuc and r2 up, all others down).",
    ),
  value: z
    .enum(['best', 'last'])
    .default('best')
    .describe(
      "The trial's value: of the best epoch by the first objective, or of the last epoch trained.",
    ),
});

export const studySpecSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; not read.'),
    name: z.string().min(1).max(512).describe("The study's name."),
    description: z.string().optional(),
    objective: z
      .union([objectiveSchema, z.array(objectiveSchema).min(1)])
      .optional()
      .describe(
        'What is optimized: one metric or several. Default: accuracy for classification, mse for regression.',
      ),
    data: dataSchema,
    network: networkSchema,
    training: trainingSchema,
    sampler: algorithmSchema(samplers)
      .prefault({ type: 'auto' })
      .describe(
        'Chooses the parameters. Default: "auto", which picks a sampler for each trial and says why.',
      ),
    pruner: algorithmSchema(pruners)
      .prefault({ type: 'nop' })
      .describe('Gives up poor trials early.'),
    stop: z
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
      .describe('The study ends when the first of these is true.'),
    checkpoints: z
      .int()
      .min(0)
      .max(1000)
      .default(5)
      .describe(
        'The trained networks of so many best trials are kept in a folder beside the study file; 0: none.',
      ),
    seed: z
      .int()
      .min(0)
      .optional()
      .describe('Everything random derives from it. Default: drawn anew for each study.'),
    jobs: z.int().min(1).max(1024).default(1).describe('Trials that run at the same time.'),
    backend: z
      .enum(['auto', ...backends])
      .default('auto')
      .describe(
        'What computes: native TensorFlow, WebAssembly or plain JavaScript. "auto" measures which is fastest for this network.',
      ),
    engine: z
      .enum(['auto', ...engines])
      .default('auto')
      .describe(
        'How networks are trained: "fused" does whole epochs in WebAssembly and knows dense networks only; "tfjs" goes operation by operation. "auto" takes the fused one where it can.',
      ),
    perTrialTimeoutS: z
      .number()
      .positive()
      .optional()
      .describe('A trial that runs longer is ended and counts as failed. Default: no limit.'),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of crossIssues(spec))
      context.addIssue({ code: 'custom', path, message });
  });

/** A study spec as people write it. */
export type StudySpecInput = z.input<typeof studySpecSchema>;
/** A valid study spec with its defaults filled in. Plain data: it can be stored and sent. */
export type StudySpec = z.output<typeof studySpecSchema>;
export type DataSpec = StudySpec['data'];
export type SplitSpec = DataSpec['split'];

/** A spec and where it came from. */
export interface LoadedSpec {
  readonly spec: StudySpec;
  /** Paths in the spec are relative to this folder. */
  readonly baseDir: string;
}

/**
 * A spec from a file (YAML or JSON), or one that comes with Parzen by its name, such as `iris`.
 *
 * @throws SpecError with every broken rule; also when the file cannot be read.
 */
export function loadSpec(pathOrName: string): LoadedSpec {
  const path = /^[\w-]+$/.test(pathOrName)
    ? join(resourcesDir(), 'studies', `${pathOrName}.yaml`)
    : resolve(pathOrName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SpecError(pathOrName, [{ path: '', message: `cannot be read: ${messageOf(error)}` }]);
  }
  return { spec: parseSpecText(text, basename(path)), baseDir: dirname(path) };
}

/**
 * @param source What errors call the spec: a file name; `.json` is read as JSON, all else as YAML, of which JSON is a part.
 * @throws SpecError
 */
export function parseSpecText(text: string, source = 'The spec'): StudySpec {
  if (extname(source) === '.json')
    try {
      return parseSpec(JSON.parse(text), source);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new SpecError(source, [{ path: '', message: `is not JSON: ${error.message}` }]);
      throw error;
    }
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  if (document.errors.length > 0)
    throw new SpecError(
      source,
      document.errors.map(({ message }) => ({ path: '', message: `is not YAML: ${message}` })),
    );
  return parseSpec(document.toJS(), source);
}

/** @throws SpecError with every broken rule. */
export function parseSpec(input: unknown, source = 'The spec'): StudySpec {
  const result = studySpecSchema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  throw new SpecError(
    source,
    toSpecIssues(result.error.issues, input, studySpecJsonSchema() as SchemaNode),
  );
}

/** The schema for editors, as shipped in `resources/schema/study-spec.schema.json`. */
export function studySpecJsonSchema(): Record<string, unknown> {
  return {
    title: 'Parzen study spec',
    ...z.toJSONSchema(studySpecSchema, { io: 'input', reused: 'inline' }),
  };
}
