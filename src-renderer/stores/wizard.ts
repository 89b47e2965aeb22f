import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';

import type { BuiltInTable, TableProfile } from '../../src-main/contract/data.ts';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type {
  SpecCheck,
  SpecData,
  SpecForm,
  SpecGroup,
  SpecProblem,
  SpecTask,
} from '../../src-main/contract/specs.ts';
import { hasCode, toShownError, type ShownError } from '../composables/errors.ts';
import { useChannel } from '../composables/useChannel.ts';
import { useTableReadings } from '../composables/useTableReadings.ts';
import { useTakenTrials } from '../composables/useTakenTrials.ts';
import { imageOf } from '../wizard/image-of.ts';
import { fixedStart, isShown, isSpace } from '../wizard/setting-form.ts';
import { valueAt, withValueAt, type SpecPath } from '../wizard/spec-path.ts';
import { stepOf, wizardSteps, type WizardStep } from '../wizard/steps.ts';
import {
  dataFor,
  formatOf,
  targetsOf,
  taskFor,
  withFormat,
  withRole,
  type FormatPaths,
} from '../wizard/table-roles.ts';
import { text } from '../text.ts';
import { useLibraryStore } from './library.ts';

/** What a window that is loaded again goes on with. */
interface Draft {
  readonly spec: SpecData;
  readonly step: WizardStep;
  readonly storageId: string | null;
  readonly isShaped: boolean;
  readonly isNamed: boolean;
  readonly origin: DraftOrigin | null;
}

/** The study whose spec the draft began with. */
interface DraftOrigin {
  readonly key: StudyKey;
  readonly studyName: string;
  /** Whether the new study is to begin with its trials. */
  readonly takesTrials: boolean;
}

const STORAGE_NAME = 'parzen.new-study';
/** Typing is checked when it rests. */
const CHECK_DELAY_MS = 150;

/** The study that is being made: its spec as far as it is written, and what the main side says about it. */
export const useWizardStore = defineStore('wizard', () => {
  const channel = useChannel();
  const library = useLibraryStore();
  const draft = loadDraft();

  const form = shallowRef<SpecForm | null>(null);
  const tables = shallowRef<readonly BuiltInTable[]>([]);
  const spec = shallowRef<SpecData>(draft?.spec ?? {});
  const step = ref<WizardStep>(draft?.step ?? 'data');
  const storageId = ref<string | null>(draft?.storageId ?? null);
  /** Whether network, training or search were chosen by the user, so that another target does not choose them anew. */
  const isShaped = ref(draft?.isShaped ?? false);
  /** Whether the name is the user's, and not made from the table. */
  const isNamed = ref(draft?.isNamed ?? false);
  const origin = shallowRef<DraftOrigin | null>(draft?.origin ?? null);
  const profile = shallowRef<TableProfile | null>(null);
  const isReading = ref(false);
  const check = shallowRef<SpecCheck | null>(null);
  const error = shallowRef<ShownError | null>(null);
  const tableError = shallowRef<ShownError | null>(null);

  const data = computed(() => (spec.value.data ?? {}) as SpecData);
  const table = computed(() => (typeof data.value.table === 'string' ? data.value.table : null));
  const task = computed<SpecTask>(() =>
    data.value.task === 'regression' ? 'regression' : 'classification',
  );
  const issues = computed<readonly SpecProblem[]>(() => check.value?.issues ?? []);
  const warnings = computed<readonly SpecProblem[]>(() => check.value?.warnings ?? []);
  const nIssues = computed(
    () =>
      new Map(
        wizardSteps.map((one) => [
          one,
          issues.value.filter((issue) => stepOf(issue) === one).length,
        ]),
      ),
  );
  const settings = computed(
    () =>
      new Map(
        (form.value?.groups ?? [])
          .flatMap((group) => group.settings)
          .map((setting) => [setting.path.join('.'), setting]),
      ),
  );
  const formatPaths = computed<FormatPaths>(() => {
    const keys = { hasHeader: ['hasHeader', 'header'] } as Readonly<Record<string, string[]>>;
    const paths = [...settings.value.values()].map(({ path }) => path);
    return Object.fromEntries(
      ['delimiter', 'quote', 'encoding', 'decimal', 'hasHeader'].flatMap((key) => {
        const found = paths.filter(
          (one) => one[0] === 'data' && (keys[key] ?? [key]).includes(one.at(-1) as string),
        );
        // The section of formats, not the short form beside it.
        const path = found.sort((a, b) => b.length - a.length)[0];
        return path ? [[key, path]] : [];
      }),
    );
  });

  watch([spec, step, storageId, isShaped, isNamed, origin], () =>
    saveDraft({
      spec: spec.value,
      step: step.value,
      storageId: storageId.value,
      isShaped: isShaped.value,
      isNamed: isNamed.value,
      origin: origin.value,
    }),
  );

  const readings = useTableReadings();

  let starting: Promise<void> | null = null;
  /** Fetches what forms are made from, once, and reads the table of a draft that was left. */
  function start(): Promise<void> {
    starting ??= (async () => {
      try {
        [form.value, tables.value] = await Promise.all([
          channel.call('specs.form', {}),
          channel.call('data.tables', {}),
        ]);
        error.value = null;
      } catch (cause) {
        starting = null;
        error.value = toShownError(cause);
        return;
      }
      if (table.value !== null && !profile.value) {
        await readTable(table.value, formatOf(data.value, formatPaths.value));
        void runCheck();
      }
    })();
    return starting;
  }

  let reading: AbortController | null = null;
  /** @returns The profile; null when it could not be read, or something else was asked for meanwhile. */
  async function readTable(
    path: string,
    format: Partial<TableProfile['format']> = {},
  ): Promise<TableProfile | null> {
    reading?.abort();
    const mine = (reading = new AbortController());
    isReading.value = true;
    tableError.value = null;
    try {
      const asked = { table: path, ...(Object.keys(format).length > 0 ? { format } : {}) };
      const found = await readings.follow(
        path,
        (signal) => channel.call('data.profile', asked, signal),
        mine,
      );
      if (mine !== reading) return null;
      profile.value = found;
      return found;
    } catch (cause) {
      if (mine === reading && !hasCode(cause, 'ABORTED')) tableError.value = toShownError(cause);
      return null;
    } finally {
      if (mine === reading) isReading.value = false;
    }
  }

  /** Begins with a table: a built-in one by its name, or a file. */
  async function chooseTable(path: string): Promise<boolean> {
    await start();
    const before = profile.value;
    const found = await readTable(path.trim());
    if (!found) return false;
    step.value = 'data';
    const isTaken = await takeData(dataFor(found));
    if (!isTaken) profile.value = before;
    return isTaken;
  }

  /** Reads the file again in another format; what was chosen for columns that are still there stays. */
  async function setFormat(format: Partial<TableProfile['format']>): Promise<void> {
    if (table.value === null) return;
    const asked = { ...formatOf(data.value, formatPaths.value), ...format };
    const before = profile.value;
    const found = await readTable(table.value, asked);
    if (!found) return;
    const names = new Set(found.columns.map(({ name }) => name));
    const isKept = targetsOf(data.value).every((target) => names.has(target));
    const now = withFormat(isKept ? data.value : dataFor(found), asked, formatPaths.value);
    if (!(await takeData(now))) profile.value = before;
  }

  /** Predicts a column, or several numbers at once. */
  async function setTarget(target: string | readonly string[]): Promise<void> {
    const [first, ...others] = [target].flat();
    if (first === undefined) return;
    const columns = profile.value?.columns ?? [];
    const builtIn = tables.value.find(({ name }) => name === table.value);
    const guessed =
      builtIn?.target === first
        ? builtIn.task
        : taskFor(columns.find(({ name }) => name === first));
    // A target is nothing else.
    const now = columns
      .filter(({ name }) => name === first || others.includes(name))
      .reduce((changed, column) => withRole(changed, column, 'target'), data.value);
    await takeData({
      ...now,
      target: others.length > 0 ? [first, ...others] : first,
      task: others.length > 0 ? 'regression' : guessed,
    });
  }

  /**
   * Changes the data section. A spec that nobody shaped yet is made anew for it; otherwise only what the task forbids is.
   *
   * @returns false where the reading of the table was cancelled: then all is as it was.
   */
  async function takeData(now: SpecData): Promise<boolean> {
    const before = task.value;
    let made: SpecData;
    try {
      made = await readings.follow(String(now.table), (signal) =>
        channel.call('specs.default', { data: now }, signal),
      );
      error.value = null;
    } catch (cause) {
      if (hasCode(cause, 'ABORTED')) return false;
      // What is wrong is said by the check, at the setting.
      spec.value = { ...spec.value, data: now };
      return true;
    }
    const { name, description } = spec.value;
    const own = isNamed.value ? { name, description } : { name: made.name };
    if (!isShaped.value || !spec.value.network) {
      spec.value = { ...made, ...own };
      return true;
    }
    // Of a table that was just chosen it also says how the rows are split.
    const shaped = { ...spec.value, ...own, data: made.data };
    spec.value = shaped;
    if (task.value !== before) spec.value = ofTask({ ...shaped, objective: made.objective });
    return true;
  }

  /** Without metrics and losses that are for the other task. */
  function ofTask(shaped: SpecData): SpecData {
    let now = shaped;
    for (const setting of settings.value.values()) {
      const value = valueAt(now, setting.path);
      const given: readonly unknown[] = isSpace(value) ? (value.choices ?? []) : [value];
      const isOfOther = setting.options.some(
        (option) => given.includes(option.value) && option.tasks?.includes(task.value) === false,
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

  /** Changes one setting; undefined leaves it to its default. */
  function set(path: SpecPath, value: unknown): void {
    if (path[0] === 'name') isNamed.value = true;
    else if (path[0] !== 'data') isShaped.value = true;
    spec.value = withoutStrays(withValueAt(spec.value, path, value));
  }

  /** Settings that lost their meaning, by path: they come back when they have one again. */
  const shelf = new Map<string, unknown>();
  /** Takes out what belongs to an optimizer, say, that is not possible any more, and puts back what is again. */
  function withoutStrays(changed: SpecData): SpecData {
    let now = changed;
    for (const group of form.value?.groups ?? []) {
      if (!group.onlyIf) continue;
      const id = group.path.join('.');
      const given = valueAt(now, group.path);
      if (!isShown(group, now, defaultAt)) {
        if (given !== undefined) shelf.set(id, given);
        now = withValueAt(now, group.path, undefined);
      } else if (given === undefined)
        now = withValueAt(now, group.path, shelf.get(id) ?? neededBy(group, now));
    }
    for (const [id, setting] of settings.value) {
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

  function setData(now: SpecData): void {
    spec.value = { ...spec.value, data: now };
  }

  /** Puts whole sections in the place of others. */
  function setSections(sections: SpecData): void {
    isShaped.value = true;
    spec.value = ofTask({ ...spec.value, ...sections });
  }

  /** Switches an optional section on, with what it needs. */
  function addSection(path: readonly string[]): void {
    const group = form.value?.groups.find((one) => one.path.join('.') === path.join('.'));
    if (group) set(path, neededBy(group, spec.value));
  }

  /** What a section cannot do without, and what most people want to see of it. */
  function neededBy(group: SpecGroup, within: SpecData): SpecData {
    const nInputs = check.value?.data?.nFeatures;
    const needed = group.settings.filter(
      ({ isRequired, isUsual, default: given }) => isRequired || (isUsual && given === null),
    );
    const section = Object.fromEntries(
      needed.map((setting) => [setting.path.at(-1), fixedStart(setting, undefined, task.value)]),
    );
    // An image of all the features there are, to begin with.
    return group.path.join('.') === 'network.image' && nInputs !== undefined
      ? { ...section, ...imageOf(nInputs, valueAt(within, ['network', 'type']) === 'conv2d') }
      : section;
  }

  const get = (path: SpecPath): unknown => valueAt(spec.value, path);
  const defaultAt = (path: readonly string[]): unknown =>
    settings.value.get(path.join('.'))?.default ?? undefined;

  /**
   * Begins with the spec of a study, of a built-in study, or of a spec file.
   *
   * @returns The spec of a program of the user's own, of which there is nothing to be asked here; else null.
   */
  async function load(from: StudyKey | string): Promise<SpecData | null> {
    await start();
    const loaded = await channel.call('specs.load', { from });
    if ('run' in loaded) return loaded;
    if (loaded.data === undefined) throw new Error(text.wizard.noTable);
    profile.value = null;
    isShaped.value = true;
    isNamed.value = typeof from === 'string';
    origin.value =
      typeof from === 'string'
        ? null
        : { key: from, studyName: String(loaded.name), takesTrials: false };
    spec.value = loaded;
    step.value = 'data';
    if (table.value !== null) await readTable(table.value, formatOf(data.value, formatPaths.value));
    return null;
  }

  function reset(): void {
    reading?.abort();
    checking?.abort();
    checking = null;
    spec.value = {};
    check.value = null;
    profile.value = null;
    tableError.value = null;
    isReading.value = false;
    isShaped.value = false;
    isNamed.value = false;
    shelf.clear();
    storageId.value = null;
    origin.value = null;
    step.value = 'data';
  }

  function setTakesTrials(takesTrials: boolean): void {
    if (origin.value) origin.value = { ...origin.value, takesTrials };
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  let checking: AbortController | null = null;
  watch(spec, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void runCheck(), CHECK_DELAY_MS);
  });
  watch(storageId, () => void runCheck());

  /** @returns What the spec of this moment is; null where it could not be told, or is another one meanwhile. */
  async function runCheck(): Promise<SpecCheck | null> {
    clearTimeout(timer);
    const before = checking;
    const mine = (checking = new AbortController());
    if (table.value === null) {
      before?.abort();
      check.value = null;
      return null;
    }
    const asked = {
      spec: spec.value,
      ...(storageId.value === null ? {} : { storageId: storageId.value }),
    };
    try {
      const reply = readings.follow(
        table.value,
        (signal) => channel.call('specs.check', asked, signal),
        mine,
      );
      // Let go only now: a table that both ask for is not read anew.
      before?.abort();
      const found = await reply;
      if (mine !== checking) return null;
      check.value = found;
      error.value = null;
      return found;
    } catch (cause) {
      if (mine === checking)
        error.value = hasCode(cause, 'ABORTED')
          ? { code: cause.code, message: text.wizard.notRead, details: cause.message }
          : toShownError(cause);
      return null;
    }
  }

  /** Counting reads the table, so that it waits until it is shown; only what was checked is counted. */
  const originKey = computed(() => origin.value?.key);
  const counted = computed(() => {
    const trialsFrom = originKey.value;
    return step.value === 'review' && check.value?.result && trialsFrom
      ? { spec: check.value.result.spec, trialsFrom }
      : null;
  });
  const takenTrials = useTakenTrials(() => counted.value, readings.follow);
  const canTakeTrials = computed(
    () =>
      takenTrials.value !== null && 'nTaken' in takenTrials.value && takenTrials.value.nTaken > 0,
  );

  /** Creates the study; the draft is gone then. Null when something is not right yet: the step that asks for it is shown. */
  async function create(): Promise<StudyKey | null> {
    const found = await runCheck();
    const [issue] = found?.issues ?? [];
    if (issue) step.value = stepOf(issue);
    if (!found?.result) return null;
    const key = await channel.call('studies.create', {
      spec: spec.value,
      ...(storageId.value === null ? {} : { storageId: storageId.value }),
      ...(origin.value?.takesTrials && (canTakeTrials.value || takenTrials.value === null)
        ? { trialsFrom: origin.value.key }
        : {}),
    });
    await library.refresh();
    reset();
    return key;
  }

  return {
    form,
    tables,
    spec,
    step,
    storageId,
    origin,
    takenTrials,
    canTakeTrials,
    readProgress: readings.progress,
    cancelReading: readings.cancel,
    profile,
    isReading,
    check,
    error,
    tableError,
    data,
    table,
    task,
    issues,
    warnings,
    nIssues,
    settings,
    formatPaths,
    start,
    chooseTable,
    setFormat,
    setTarget,
    takeData,
    set,
    setData,
    setSections,
    addSection,
    get,
    defaultAt,
    load,
    reset,
    setTakesTrials,
    runCheck,
    create,
  };
});

function loadDraft(): Draft | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_NAME) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return null;
    const { spec, step } = stored as Partial<Draft>;
    return typeof spec === 'object' && wizardSteps.includes(step as WizardStep)
      ? (stored as Draft)
      : null;
  } catch {
    return null;
  }
}

function saveDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(STORAGE_NAME, JSON.stringify(draft));
  } catch {
    // Storage may be full or forbidden: then nothing is remembered.
  }
}
