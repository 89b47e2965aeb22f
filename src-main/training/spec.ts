import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf, SpecError } from './errors.ts';
import type { SpecIssue } from './errors.ts';
import { resourcesDir } from './resources.ts';
import { headShape, searchShape } from './spec/common.ts';
import { dataSchema } from './spec/data.ts';
import { formatPath, toSpecIssues } from './spec/messages.ts';
import type { SchemaNode } from './spec/messages.ts';
import { networkSchema } from './spec/network.ts';
import { programStudySchema } from './spec/program.ts';
import type { ProgramStudySpec } from './spec/program.ts';
import { crossIssues } from './spec/rules.ts';
import { trainingSchema } from './spec/training.ts';
import { backends, costs, engines, metrics } from './vocabulary.ts';
import type { BuiltinStudy } from './vocabulary.ts';

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

const networkStudySchema = z
  .strictObject({
    ...headShape,
    objective: z
      .union([objectiveSchema, z.array(objectiveSchema).min(1)])
      .optional()
      .describe(
        'What is optimized: one metric or several. Default: accuracy for classification, mse for regression.',
      ),
    data: dataSchema,
    network: networkSchema,
    training: trainingSchema,
    ...searchShape,
    checkpoints: z
      .int()
      .min(0)
      .max(1000)
      .default(5)
      .describe(
        'The trained networks of so many best trials are kept in a folder beside the study file; 0: none.',
      ),
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
        'How networks are trained: "fused" does whole epochs in WebAssembly and knows dense networks only; "tfjs" goes operation by operation and knows all; "mixed" takes the fused one for the networks that it knows. "auto" takes the fastest of them for the space.',
      ),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of crossIssues(spec))
      context.addIssue({ code: 'custom', path, message });
  });

/** The spec of a network study as people write it. */
export type NetworkStudySpecInput = z.input<typeof networkStudySchema>;
/** The spec of a study that trains networks on a table. */
export type NetworkStudySpec = z.output<typeof networkStudySchema>;
export type DataSpec = NetworkStudySpec['data'];
export type SplitSpec = DataSpec['split'];

/** A valid study spec with its defaults filled in: of networks, or of an objective of the user's own. Plain data: it can be stored and sent. */
export type StudySpec = NetworkStudySpec | ProgramStudySpec;

/** A spec and where it came from. */
export interface LoadedSpec<Spec extends StudySpec = StudySpec> {
  readonly spec: Spec;
  /** Paths in the spec are relative to this folder. */
  readonly baseDir: string;
}

/**
 * A spec from a file (YAML or JSON), or one that comes with Parzen by its name, such as `iris`.
 *
 * @throws SpecError with every broken rule; also when the file cannot be read.
 */
export function loadSpec(name: BuiltinStudy): LoadedSpec<NetworkStudySpec>;
export function loadSpec(pathOrName: string): LoadedSpec;
export function loadSpec(pathOrName: string): LoadedSpec {
  const isName = /^[\w-]+$/.test(pathOrName);
  const path = isName ? join(resourcesDir(), 'studies', `${pathOrName}.yaml`) : resolve(pathOrName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const message = isName
      ? `is none that comes with Parzen: ${builtInSpecs().join(', ')}. Give one of these, or the path of a file with its ending.`
      : `cannot be read: ${messageOf(error)}`;
    throw new SpecError(pathOrName, [{ path: '', message }]);
  }
  return { spec: parseSpecText(text, basename(path)), baseDir: dirname(path) };
}

/** The names of the specs in resources/studies. */
export function builtInSpecs(): string[] {
  return readdirSync(join(resourcesDir(), 'studies'))
    .filter((file) => extname(file) === '.yaml')
    .map((file) => basename(file, '.yaml'))
    .sort();
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
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases of aliases that would unfold to far more than there is.
    throw new SpecError(source, [{ path: '', message: `is not YAML: ${messageOf(error)}` }]);
  }
  return parseSpec(value, source);
}

/** @throws SpecError where a section is part of itself, by an alias of YAML or in a program, which nothing could read to its end. */
function checkCycles(value: unknown, source: string): void {
  const above = new Set<unknown>();
  const visit = (part: unknown, path: readonly PropertyKey[]): void => {
    if (typeof part !== 'object' || part === null) return;
    if (above.has(part))
      throw new SpecError(source, [
        { path: formatPath(path), message: 'must not be an alias of a section that it is in.' },
      ]);
    above.add(part);
    for (const [key, inner] of Object.entries(part))
      visit(inner, [...path, Array.isArray(part) ? Number(key) : key]);
    above.delete(part);
  };
  visit(value, []);
}

/** @throws SpecError where a section has the key `__proto__`, which the schema would leave out without a word. */
function checkProto(value: unknown, source: string, path: readonly PropertyKey[] = []): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__'))
    throw new SpecError(source, [
      {
        path: formatPath([...path, '__proto__']),
        message:
          'must have another name, as a spec cannot hold anything under this one. Where a column or a class of the table is called so, give it another name in the table.',
      },
    ]);
  const parts = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, inner] of parts)
    if (typeof inner === 'object') checkProto(inner, source, [...path, key]);
}

/** @throws SpecError with every broken rule. */
export function parseSpec(input: NetworkStudySpecInput, source?: string): NetworkStudySpec;
export function parseSpec(input: unknown, source?: string): StudySpec;
export function parseSpec(input: unknown, source = 'The spec'): StudySpec {
  checkCycles(input, source);
  checkProto(input, source);
  const { schema, issue } = schemaFor(input);
  if (issue) throw new SpecError(source, [issue]);
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  throw new SpecError(
    source,
    toSpecIssues(result.error.issues, input, toJsonSchema(schema) as SchemaNode),
  );
}

/** The valid spec, or null without a word about what is wrong with it. */
export function tryParseSpec(input: unknown): StudySpec | null {
  const { schema, issue } = schemaFor(input);
  return (issue ? null : schema.safeParse(input).data) ?? null;
}

/** A study is of one kind, which its sections tell. */
function schemaFor(input: unknown): {
  schema: typeof networkStudySchema | typeof programStudySchema;
  issue?: SpecIssue;
} {
  const schema = networkStudySchema;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { schema };
  const given = (['data', 'network', 'training'] as const).filter((key) => key in input);
  if (!('run' in input)) {
    if (given.length > 0) return { schema };
    const message =
      'must have `data`, `network` and `training`, and trains networks, or `run`, and runs a program of yours.';
    return { schema, issue: { path: '', message } };
  }
  if (given.length === 0) return { schema: programStudySchema };
  const message = `must not stand beside ${given.map((key) => `\`${key}\``).join(', ')}: a study trains networks, or runs a program of yours.`;
  return { schema, issue: { path: 'run', message } };
}

/** The schema for editors, as shipped in `resources/schema/study-spec.schema.json`. */
export function studySpecJsonSchema(): Record<string, unknown> {
  return {
    title: 'Parzen study spec',
    ...toJsonSchema(z.union([networkStudySchema, programStudySchema])),
  };
}

/** Of studies that train networks. */
export function networkStudyJsonSchema(): Record<string, unknown> {
  return { title: 'Parzen study spec', ...toJsonSchema(networkStudySchema) };
}

function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline' });
}
