import { z } from 'zod';
import type { CategoricalChoice } from '../../tuner/distributions.ts';
import { messageOf } from '../errors.ts';
import { toDistribution } from '../hyperparameter.ts';
import type { Hyperparameter, Space } from '../hyperparameter.ts';
import { describeIssue } from './messages.ts';

const nameShape = {
  name: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe(
      'The parameter\'s name in the study. "{layer}" in it is replaced by the layer\'s number, counted from 0, and makes a setting of layers one parameter per layer.',
    ),
};

/** `value` itself, or a part of the search space all of whose values are valid as `value`. */
export function hyperparameter<T extends CategoricalChoice>(value: z.ZodType<T>) {
  const space = spaceSchema(value, nameShape);
  return z.union([value, space]) as unknown as z.ZodType<Hyperparameter<T>, Hyperparameter<T>>;
}

/** A part of the search space: a range of numbers, or choices of any kind. */
export const searchSpaceSchema = spaceSchema(
  z.union([z.number(), z.string(), z.boolean(), z.null()]),
  {},
) as z.ZodType<Space, Space>;

function spaceSchema(value: z.ZodType<CategoricalChoice>, extraShape: Record<string, z.ZodType>) {
  return z
    .strictObject({
      ...extraShape,
      float: z
        .tuple([z.number(), z.number()])
        .optional()
        .describe('Any number from the first to the second.'),
      int: z
        .tuple([z.int(), z.int()])
        .optional()
        .describe('A whole number from the first to the second, both included.'),
      choices: z.array(value).min(1).optional().describe('One of these; they have no order.'),
      log: z.boolean().optional().describe('Sample on a logarithmic scale.'),
      step: z
        .number()
        .positive()
        .optional()
        .describe('Distance between the values allowed, counted from the lower bound.'),
    })
    .meta({ oneOf: ['float', 'int', 'choices'].map((kind) => ({ required: [kind] })) })
    .check((context) => {
      if (context.issues.length > 0) return;
      for (const issue of spaceIssues(context.value, value))
        context.issues.push({ code: 'custom', input: context.value, ...issue });
    });
}

function spaceIssues(
  space: Space,
  value: z.ZodType,
): { path: (string | number)[]; message: string }[] {
  const kinds = (['float', 'int', 'choices'] as const).filter((kind) => space[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return [
      {
        path: [],
        message: `must have exactly one of \`float\`, \`int\` and \`choices\`, but got ${kinds.length === 0 ? 'none' : kinds.map((given) => `\`${given}\``).join(' and ')}.`,
      },
    ];
  if (kind === 'choices') {
    const given = (['log', 'step'] as const).find((key) => space[key] !== undefined);
    return given ? [{ path: [given], message: 'does not apply to `choices`.' }] : [];
  }
  const bounds = space[kind] as [number, number];
  const outside = bounds.flatMap((bound, i) => {
    const rule = value.safeParse(bound).error?.issues[0];
    return rule ? [{ path: [kind, i], message: describeIssue(rule, bound) }] : [];
  });
  if (outside.length > 0) return outside;
  if (kind === 'float' && !value.safeParse(bounds[0] + (bounds[1] - bounds[0]) / Math.PI).success)
    return [{ path: [kind], message: 'must be `int`: the setting takes whole numbers only.' }];
  try {
    toDistribution(space);
    return [];
  } catch (error) {
    return [{ path: [], message: messageOf(error) }];
  }
}

/** One setting for all layers, or a list with an entry per layer. */
export function perLayer<T extends CategoricalChoice>(value: z.ZodType<T>) {
  const setting = hyperparameter(value);
  return z.union([setting, z.array(setting).min(1)]);
}
