import type {
  SpecData,
  SpecOption,
  SpecSetting,
  SpecSpace,
  SpecTask,
} from '../../src-main/contract/specs.ts';
import type { CategoricalChoice } from '../../src-main/tuner/distributions.ts';
import { valueAt } from './spec-path.ts';

/** How a setting is given: one value, a range, a list to choose from, one entry per layer, or a number per class. */
export const settingModes = ['fixed', 'range', 'choices', 'layers', 'classes'] as const;
export type SettingMode = (typeof settingModes)[number];

export function isSpace(value: unknown): value is SpecSpace {
  if (typeof value !== 'object' || value === null) return false;
  const { int, float, choices } = value as Readonly<Record<string, unknown>>;
  return [int, float, choices].some(Array.isArray);
}

/** Numbers by the names of classes. */
export function isByClass(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isSpace(value);
}

export function modeOf(value: unknown): SettingMode {
  if (Array.isArray(value)) return 'layers';
  if (isByClass(value)) return 'classes';
  if (!isSpace(value)) return 'fixed';
  return value.choices ? 'choices' : 'range';
}

/** The ways in which this setting may be given. */
export function modesOf({ type, isTunable, isPerLayer, isPerClass }: SpecSetting): SettingMode[] {
  if (!isTunable) return ['fixed'];
  return [
    'fixed',
    ...(type === 'number' ? (['range'] as const) : []),
    'choices',
    ...(isPerLayer ? (['layers'] as const) : []),
    ...(isPerClass ? (['classes'] as const) : []),
  ];
}

/** The values of a setting that are for this task. */
export function optionsFor(setting: SpecSetting, task: SpecTask): readonly SpecOption[] {
  return setting.options.filter(({ tasks }) => !tasks || tasks.includes(task));
}

/** What to begin with in a mode, near the value that is there. */
export function beginIn(
  setting: SpecSetting,
  mode: SettingMode,
  current: unknown,
  task: SpecTask,
): unknown {
  const name = isSpace(current) && current.name !== undefined ? { name: current.name } : {};
  switch (mode) {
    case 'fixed':
      return fixedStart(setting, current, task);
    case 'range':
      return { ...name, ...rangeStart(setting, current) };
    case 'choices':
      return { ...name, choices: choicesStart(setting, current, task) };
    case 'layers': {
      const one = current === undefined ? fixedStart(setting, current, task) : current;
      return Array.isArray(one) ? one : [nameless(one), nameless(one)];
    }
    case 'classes':
      return {};
  }
}

/** Entries of a list have names of their own. */
function nameless(value: unknown): unknown {
  if (!isSpace(value)) return value;
  const { name: _, ...space } = value;
  return space;
}

/** A fixed value to begin with, one that is for the task. */
export function fixedStart(
  setting: SpecSetting,
  current: unknown,
  task: SpecTask,
): CategoricalChoice {
  const options = optionsFor(setting, task).map(({ value }) => value);
  const isPossible = (value: unknown): value is CategoricalChoice =>
    setting.type !== 'choice' || options.includes(value as CategoricalChoice);
  const first = Array.isArray(current) ? (current as unknown[])[0] : current;
  if (isSpace(first) && first.choices && isPossible(first.choices[0]))
    return first.choices[0] ?? null;
  if (typeof first !== 'object' && first !== undefined && isPossible(first))
    return first as CategoricalChoice;
  return isPossible(setting.start) ? setting.start : (options[0] ?? null);
}

function rangeStart(setting: SpecSetting, current: unknown): SpecSpace {
  const { space, isInteger } = setting;
  if (space && !space.choices) return space;
  const given = isSpace(current) ? current.choices : undefined;
  const numbers = (given ?? [current, setting.start]).filter((one) => typeof one === 'number');
  const low = Math.min(...numbers, ...(numbers.length === 0 ? [setting.min ?? 0] : []));
  const high = Math.max(...numbers, low);
  const bounds: [number, number] = high > low ? [low, high] : [low, low > 0 ? low * 4 : 1];
  return isInteger ? { int: bounds } : { float: bounds };
}

function choicesStart(setting: SpecSetting, current: unknown, task: SpecTask): CategoricalChoice[] {
  const given = setting.space?.choices;
  if (setting.type !== 'number') {
    const options = optionsFor(setting, task).map(({ value }) => value);
    const known = (given ?? options).filter(
      (value) => setting.type !== 'choice' || options.includes(value),
    );
    return [...(known.length > 0 ? known : options)];
  }
  if (given) return [...given];
  const bounds = isSpace(current) ? (current.int ?? current.float) : undefined;
  if (bounds) return [...new Set(bounds)];
  const value = typeof current === 'number' ? current : Number(setting.start ?? 1);
  return value === 0 ? [0, setting.isInteger ? 1 : 0.1] : [value, value * 2];
}

/** All values that a setting can take in this spec; null: any number of a range. */
function possibleValues(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) {
    const all = value.map(possibleValues);
    return all.some((one) => one === null) ? null : all.flat();
  }
  if (!isSpace(value)) return [value];
  return value.choices ?? null;
}

/** Whether a setting or group has a meaning in this spec: what it depends on can be one of the values it needs. */
export function isShown(
  { onlyIf }: Pick<SpecSetting, 'onlyIf'>,
  spec: SpecData,
  defaultAt: (path: readonly string[]) => unknown,
): boolean {
  if (!onlyIf) return true;
  const { path, values } = onlyIf;
  const possible = possibleValues(valueAt(spec, path) ?? defaultAt(path));
  return possible === null || possible.some((value) => values.includes(value as CategoricalChoice));
}

/** A number as people write it: 0.001, 1e-5, 1,000 (with the comma left out); null for anything else. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace('−', '-');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  return Number(plain);
}

/** So that `parseNumber` reads the same number again. */
export function writeNumber(value: number): string {
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e7)
    ? value.toExponential().replace('e+', 'e')
    : String(value);
}

/** Where a parameter is asked once per layer, or once for all of them. */
export function isNamedByLayer(setting: SpecSetting, space: SpecSpace): boolean {
  return (space.name ?? setting.paramName ?? '').includes('{layer}');
}

/** The space with a parameter per layer, or one for all. */
export function nameByLayer(setting: SpecSetting, space: SpecSpace, isByLayer: boolean): SpecSpace {
  const usual = setting.paramName ?? (setting.path.at(-1) as string);
  const { name: _, ...rest } = space;
  if (usual.includes('{layer}') === isByLayer) return rest;
  return {
    name: isByLayer ? `${usual}_layer_{layer}` : usual.replace(/_?(layer_)?\{layer\}/, ''),
    ...rest,
  };
}
