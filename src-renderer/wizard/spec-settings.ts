import type {
  SpecData,
  SpecForm,
  SpecGroup,
  SpecSetting,
  SpecTask,
} from '../../src-main/contract/specs.ts';
import { imageOf } from './image-of.ts';
import { fixedStart, isShown, isSpace } from './setting-form.ts';
import { valueAt, withValueAt } from './spec-path.ts';
import type { FormatPaths } from './table-roles.ts';

/** The settings that are asked for, by their paths with dots. */
export type SettingsByPath = ReadonlyMap<string, SpecSetting>;

export function settingsOf(form: SpecForm | null): SettingsByPath {
  return new Map(
    (form?.groups ?? [])
      .flatMap((group) => group.settings)
      .map((setting) => [setting.path.join('.'), setting]),
  );
}

/** Where settings are that say how a table is written. */
export function formatPathsOf(settings: SettingsByPath): FormatPaths {
  const keys = { hasHeader: ['hasHeader', 'header'] } as Readonly<Record<string, string[]>>;
  const paths = [...settings.values()].map(({ path }) => path);
  return Object.fromEntries(
    ['delimiter', 'quote', 'encoding', 'decimal', 'thousands', 'hasHeader'].flatMap((key) => {
      const found = paths.filter(
        (one) => one[0] === 'data' && (keys[key] ?? [key]).includes(one.at(-1) as string),
      );
      // The section of formats, not the short form beside it.
      const path = found.sort((a, b) => b.length - a.length)[0];
      return path ? [[key, path]] : [];
    }),
  );
}

/** Without metrics and losses that are for the other task. */
export function withoutOtherTask(
  spec: SpecData,
  settings: SettingsByPath,
  task: SpecTask,
): SpecData {
  let now = spec;
  for (const setting of settings.values()) {
    const value = valueAt(now, setting.path);
    const given: readonly unknown[] = isSpace(value) ? (value.choices ?? []) : [value];
    const isOfOther = setting.options.some(
      (option) => given.includes(option.value) && option.tasks?.includes(task) === false,
    );
    if (isOfOther)
      now = withValueAt(
        now,
        setting.isRequired ? setting.path.slice(0, -1) : setting.path,
        undefined,
      );
  }
  return now;
}

/**
 * What a section cannot do without, and what most people want to see of it.
 *
 * @param nInputs Features that the network gets, where that is known.
 */
export function neededBy(
  group: SpecGroup,
  spec: SpecData,
  { task, nInputs }: { task: SpecTask; nInputs: number | undefined },
): SpecData {
  const needed = group.settings.filter(
    ({ isRequired, isUsual, default: given }) => isRequired || (isUsual && given === null),
  );
  const section = Object.fromEntries(
    needed.map((setting) => [setting.path.at(-1), fixedStart(setting, undefined, task)]),
  );
  // An image of all the features there are, to begin with.
  return group.path.join('.') === 'network.image' && nInputs !== undefined
    ? { ...section, ...imageOf(nInputs, valueAt(spec, ['network', 'type']) === 'conv2d') }
    : section;
}

/** Settings that lost their meaning, by path: they come back when they have one again. */
export type SettingShelf = Map<string, unknown>;

/** Takes out what belongs to an optimizer, say, that is not possible any more, and puts back what is again. */
export function withoutStrays(
  spec: SpecData,
  form: SpecForm | null,
  { shelf, begin }: { shelf: SettingShelf; begin: (group: SpecGroup, spec: SpecData) => SpecData },
): SpecData {
  const settings = settingsOf(form);
  const defaultAt = (path: readonly string[]): unknown => defaultOf(settings, path);
  let now = spec;
  for (const group of form?.groups ?? []) {
    if (!group.onlyIf) continue;
    const id = group.path.join('.');
    const given = valueAt(now, group.path);
    if (!isShown(group, now, defaultAt)) {
      if (given !== undefined) shelf.set(id, given);
      now = withValueAt(now, group.path, undefined);
    } else if (given === undefined)
      now = withValueAt(now, group.path, shelf.get(id) ?? begin(group, now));
  }
  for (const [id, setting] of settings) {
    if (!setting.onlyIf) continue;
    const given = valueAt(now, setting.path);
    if (isShown(setting, now, defaultAt)) {
      const sectionIsThere = valueAt(now, setting.path.slice(0, -1)) !== undefined;
      if (given === undefined && shelf.has(id) && sectionIsThere)
        now = withValueAt(now, setting.path, shelf.get(id));
      shelf.delete(id);
    } else if (given !== undefined) {
      shelf.set(id, given);
      now = withValueAt(now, setting.path, undefined);
    }
  }
  return now;
}

/** What a setting is where the spec leaves it out. */
export function defaultOf(settings: SettingsByPath, path: readonly string[]): unknown {
  return settings.get(path.join('.'))?.default ?? undefined;
}
