import { z } from 'zod';
import { messageOf } from './errors.ts';
import type { OptionSpec, OptionValues } from '../tuner/options.ts';

/** What the registries of samplers and pruners tell of an entry. */
interface Entry {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  create(options: OptionValues): unknown;
}

interface Algorithm {
  type: string;
  options: Record<string, unknown>;
}

type AlgorithmInput = Pick<Algorithm, 'type'> & Partial<Algorithm>;

const choice = z.union([z.null(), z.boolean(), z.number(), z.string()]);

/** `{ type, options }` of a registry: the types it has, each with its own options. */
export function algorithmSchema(entries: readonly Entry[]): z.ZodType<Algorithm, AlgorithmInput> {
  const [first, ...others] = entries.map(entrySchema);
  if (!first) throw new Error('A registry must have entries.');
  const schema = z.discriminatedUnion('type', [first, ...others]).check((context) => {
    if (context.issues.length > 0) return;
    const { type, options } = context.value;
    try {
      entries.find(({ name }) => name === type)?.create(options);
    } catch (error) {
      const message = messageOf(error);
      context.issues.push({ code: 'custom', path: ['options'], message, input: options });
    }
  });
  return schema as unknown as z.ZodType<Algorithm, AlgorithmInput>;
}

function entrySchema({ name, description, options }: Entry) {
  const shape: Record<string, z.ZodType> = {};
  for (const option of options) {
    const schema = optionSchema(option);
    if (schema) shape[option.name] = schema.describe(option.description);
  }
  const isRequired = Object.values(shape).some((schema) => !schema.safeParse(undefined).success);
  const section = z.strictObject(shape) as unknown as z.ZodType<Record<string, unknown>>;
  return z
    .strictObject({ type: z.literal(name), options: isRequired ? section : section.default({}) })
    .describe(description);
}

/** null for what a file cannot hold. */
function optionSchema(option: OptionSpec): z.ZodType | null {
  switch (option.type) {
    case 'number': {
      let number: z.ZodNumber = option.isInteger ? z.int() : z.number();
      if (option.min !== undefined) number = number.min(option.min);
      if (option.max !== undefined && option.max < Number.MAX_SAFE_INTEGER)
        number = number.max(option.max);
      const schema = option.allowsAuto ? z.union([number, z.literal('auto')]) : number;
      return option.default === undefined ? schema : schema.nullish();
    }
    case 'boolean':
      return (
        option.allowsAuto ? z.union([z.boolean(), z.literal('auto')]) : z.boolean()
      ).nullish();
    case 'choice':
      return z.enum(option.choices).nullish();
    case 'grid':
      return z.record(z.string(), z.array(choice).min(1));
    case 'params': {
      const schema = z.record(z.string(), choice);
      return option.default === null ? schema.nullish() : schema;
    }
    case 'results':
      return z
        .array(z.strictObject({ params: z.record(z.string(), choice), value: z.number() }))
        .min(1)
        .nullish();
    case 'sampler':
    case 'pruner': {
      // What its options may be says the constructor, whose message `check` passes on.
      const schema = z.strictObject({
        type: z.string(),
        options: z.record(z.string(), z.unknown()).optional(),
      });
      return option.default === null ? schema.nullish() : schema;
    }
    case 'function':
    case 'functions':
    case 'list':
      return null;
  }
}
