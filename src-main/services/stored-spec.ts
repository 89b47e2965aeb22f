/**
 * Specs as older versions stored them with their studies, in the form of today. A sampler or pruner inside another was written
 * `{ name, ...options }`; now it is `{ type, options }`, as outside.
 */
import type { OptionSpec } from '../tuner/options.ts';
import { pruners } from '../tuner/pruners/registry.ts';
import { samplers } from '../tuner/samplers/registry.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';

type Fields = Readonly<Record<string, AttrValue>>;

const registries = { sampler: samplers, pruner: pruners } as const satisfies Record<
  string,
  readonly { readonly name: string; readonly options: readonly OptionSpec[] }[]
>;
type PartKind = keyof typeof registries;

/** What is not understood stays as it is, so that reading the spec says what is wrong with it. */
export function upgradedSpec(stored: Fields): Fields {
  const spec: Record<string, AttrValue> = { ...stored };
  for (const kind of ['sampler', 'pruner'] as const)
    if (isFields(spec[kind])) spec[kind] = withUpgradedParts(kind, spec[kind]);
  return spec;
}

function withUpgradedParts(kind: PartKind, part: Fields): Fields {
  const { type, options } = part;
  const entry = registries[kind].find(({ name }) => name === type);
  if (!entry || !isFields(options)) return part;
  const upgraded: Record<string, AttrValue> = { ...options };
  for (const { type: inner, name } of entry.options) {
    const given = upgraded[name];
    if ((inner !== 'sampler' && inner !== 'pruner') || !isFields(given)) continue;
    upgraded[name] = withUpgradedParts(inner, withType(given));
  }
  return { ...part, options: upgraded };
}

function withType(given: Fields): Fields {
  if (typeof given.name !== 'string' || 'type' in given) return given;
  const { name, ...options } = given;
  return { type: name, options };
}

function isFields(value: AttrValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
