import type { SpecForm, SpecGroup, SpecOption, SpecSetting, SpecTask } from '../contract/specs.ts';
import { networkStudyJsonSchema } from '../training/spec.ts';
import {
  costs,
  lossesOf,
  lossSettings,
  metricDirections,
  metricsOf,
  optimizerSettings,
  scheduleSettings,
  tasks,
} from '../training/vocabulary.ts';
import type { CategoricalChoice } from '../tuner/distributions.ts';
import { settingHints, titleOf } from './spec-hints.ts';
import { specPresets } from './spec-presets.ts';

/** The part of JSON Schema that specs use. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: CategoricalChoice;
  readonly enum?: readonly CategoricalChoice[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node | false;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** Settings that mean something only where another one can have some of its values. */
const owners: Readonly<Record<string, NonNullable<SpecSetting['onlyIf']>>> = {
  ...ownedByType(['training', 'optimizer'], optimizerSettings),
  ...ownedByType(['training', 'schedule'], scheduleSettings),
  ...ownedByType(['training', 'loss'], lossSettings),
  'network.image': { path: ['network', 'type'], values: ['conv1d', 'conv2d'] },
  'network.conv': { path: ['network', 'type'], values: ['conv1d', 'conv2d'] },
  'network.embeddingDims': { path: ['network', 'embedding'], values: ['dims'] },
};

/** For sections whose `type` decides which of their settings there are. */
function ownedByType(
  section: readonly string[],
  settings: Readonly<Record<string, readonly string[]>>,
): Record<string, NonNullable<SpecSetting['onlyIf']>> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, values]) => [
      [...section, key].join('.'),
      { path: [...section, 'type'], values },
    ]),
  );
}

/** Values that are for one task only. */
const valuesOfTasks: Readonly<Record<string, Readonly<Record<SpecTask, readonly string[]>>>> = {
  'training.loss.type': lossesOf,
  'training.earlyStopping.metric': metricsOf,
  metric: withCosts(metricsOf),
};

function withCosts(metrics: typeof metricsOf): Record<SpecTask, readonly string[]> {
  return {
    classification: [...metrics.classification, ...costs],
    regression: [...metrics.regression, ...costs],
  };
}

/** What forms need to ask for a spec, from its JSON Schema and the vocabulary: a setting that is added there appears here. */
export function specForm(): SpecForm {
  const schema = networkStudyJsonSchema();
  const root = schema as Node;
  const { data, network, training, objective, stop } = root.properties ?? {};
  if (!data || !network || !training || !objective || !stop)
    throw new Error('The schema of specs lacks a section that forms are made from.');
  const run = { ...root, properties: remaining(root) };
  return {
    schema,
    groups: [
      ...groupsOf(['network'], network, false),
      ...groupsOf(['training'], training, false),
      ...groupsOf(['data'], data, false),
      ...groupsOf(['stop'], stop, false),
      ...groupsOf([], run, false),
    ],
    objective: sectionSettings([], (objective.anyOf ?? [objective])[0] as Node),
    splits: (data.properties?.split?.anyOf ?? []).map((branch) => ({
      key: branch.required?.[0] ?? '',
      hasFractions: branch.properties?.fractions !== undefined,
      settings: sectionSettings(['data', 'split'], branch),
    })),
    presets: specPresets(),
  };
}

/** Sections that have forms of their own, and what is written by hand. */
const known = ['name', 'description', 'objective', 'data', 'network', 'training', 'stop'];

function remaining({ properties = {} }: Node): Record<string, Node> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !known.includes(key)));
}

/** The section's own settings as a group, and groups of the sections in it. */
function groupsOf(path: readonly string[], section: Node, isOptional: boolean): SpecGroup[] {
  const settings = sectionSettings(path, section);
  const own: SpecGroup = {
    path,
    title: titleOf(path.join('.')),
    description: section.description ?? '',
    isOptional,
    onlyIf: owners[path.join('.')] ?? null,
    settings,
  };
  const inner = Object.entries(section.properties ?? {}).flatMap(([key, node]) =>
    node.properties
      ? groupsOf(
          [...path, key],
          node,
          !(section.required ?? []).includes(key) && node.default === undefined,
        )
      : [],
  );
  return [...(settings.length > 0 ? [own] : []), ...inner];
}

/** The settings that a form can ask; what it cannot (maps, lists) is left to the spec file. */
function sectionSettings(path: readonly string[], section: Node): SpecSetting[] {
  return branchesOf(section).flatMap(({ node, type }) =>
    Object.entries(node.properties ?? {}).flatMap(([key, setting]) => {
      const made = toSetting([...path, key], setting, (node.required ?? []).includes(key));
      if (!made) return [];
      return [
        type === null || key === 'type'
          ? made
          : { ...made, onlyIf: { path: [...path, 'type'], values: [type] } },
      ];
    }),
  );
}

/** A section, or its variants that a constant `type` tells apart. */
function branchesOf(section: Node): { node: Node; type: CategoricalChoice }[] {
  if (section.properties) return [{ node: section, type: null }];
  return (section.anyOf ?? section.oneOf ?? [])
    .filter((node) => node.properties?.type?.const !== undefined)
    .map((node) => ({ node, type: node.properties?.type?.const ?? null }));
}

function toSetting(path: readonly string[], node: Node, isRequired: boolean): SpecSetting | null {
  const id = path.join('.');
  const parts = flatten(node);
  const value = parts.find(isPlain);
  if (!value || id === '$schema' || id === 'name' || id === 'description') return null;
  const hints = settingHints(id);
  const isTunable = parts.some(isSpace);
  const type = typeOf(value);
  const byDefault = isChoice(node.default) ? node.default : null;
  const options = type === 'choice' ? optionsOf(id, value) : [];
  // A choice of one is none.
  if (type === 'choice' && options.length < 2) return null;
  const [min, max] = [
    value.minimum ?? value.exclusiveMinimum ?? null,
    value.maximum ?? value.exclusiveMaximum ?? null,
  ].map((bound) => (bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null));
  const start = hints.start ?? byDefault ?? options[0]?.value ?? min ?? null;
  const setting = {
    path,
    title: titleOf(id),
    description: node.description ?? '',
    type,
    isInteger: value.type === 'integer',
    min: min ?? null,
    max: max ?? null,
    options,
    isTunable,
    isPerLayer: (node.anyOf ?? []).some(({ type: branch }) => branch === 'array') && isTunable,
    isPerClass: parts.some(({ additionalProperties }) => typeof additionalProperties === 'object'),
    paramName: /[Pp]arameters? "([^"]+)"/.exec(node.description ?? '')?.[1] ?? null,
    isRequired: isRequired && byDefault === null,
    isUsual: isRequired || hints.isUsual === true,
    default: byDefault,
    start: type === 'boolean' ? (start ?? false) : start,
    onlyIf: owners[id] ?? null,
  };
  return { ...setting, space: isTunable ? (hints.space ?? plainSpace(setting)) : null };
}

/** A space for a setting that nobody thought of yet. */
function plainSpace({
  type,
  options,
  isInteger,
  min,
  max,
}: Pick<SpecSetting, 'type' | 'options' | 'isInteger' | 'min' | 'max'>): SpecSetting['space'] {
  if (type === 'choice') return { choices: options.map(({ value }) => value) };
  if (type === 'boolean') return { choices: [true, false] };
  const low = min ?? 0;
  const high = max ?? Math.max(10 * low, isInteger ? 10 : 1);
  return isInteger ? { int: [low, high] } : { float: [low, high] };
}

/** The alternatives of a value, those in lists of layers left out. */
function flatten(node: Node): Node[] {
  return node.anyOf ? node.anyOf.flatMap(flatten) : [node];
}

function isPlain({ type, const: constant, enum: values }: Node): boolean {
  if (values !== undefined || constant !== undefined) return true;
  return type !== undefined && ['number', 'integer', 'boolean', 'string'].includes(type);
}

function isSpace({ properties }: Node): boolean {
  return properties?.float !== undefined && properties.choices !== undefined;
}

function isChoice(value: unknown): value is CategoricalChoice {
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}

function typeOf(node: Node): SpecSetting['type'] {
  if (node.enum ?? node.const) return 'choice';
  if (node.type === 'boolean') return 'boolean';
  return node.type === 'string' ? 'text' : 'number';
}

function optionsOf(id: string, node: Node): SpecOption[] {
  const byTask = valuesOfTasks[id];
  return (node.enum ?? [node.const ?? null]).map((value) => {
    const only = byTask && tasks.filter((task) => byTask[task].includes(String(value)));
    const direction = (metricDirections as Readonly<Record<string, SpecOption['direction']>>)[
      String(value)
    ];
    return {
      value,
      title: titleOf(String(value), id),
      ...(direction ? { direction } : {}),
      ...(only && only.length < tasks.length ? { tasks: only } : {}),
    };
  });
}
