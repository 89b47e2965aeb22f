import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';

import type { BuiltInTable, TableProfile } from '../../src-main/contract/data.ts';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type {
  SpecData,
  SpecForm,
  SpecGroup,
  SpecProblem,
  SpecTask,
} from '../../src-main/contract/specs.ts';
import { hasCode, toShownError, type ShownError } from '../composables/errors.ts';
import { useChannel } from '../composables/useChannel.ts';
import { useSpecCheck } from '../composables/useSpecCheck.ts';
import { useTableProfile } from '../composables/useTableProfile.ts';
import { useTableReadings } from '../composables/useTableReadings.ts';
import { useTakenTrials } from '../composables/useTakenTrials.ts';
import { valueAt, withValueAt, type SpecPath } from '../wizard/spec-path.ts';
import {
  defaultOf,
  formatPathsOf,
  neededBy,
  settingsOf,
  withoutOtherTask,
  withoutStrays,
  type SettingShelf,
} from '../wizard/spec-settings.ts';
import { stepOf, wizardSteps, type WizardStep } from '../wizard/steps.ts';
import {
  dataFor,
  formatOf,
  targetsOf,
  taskFor,
  withFormat,
  withRole,
} from '../wizard/table-roles.ts';
import { text } from '../text.ts';
import { useLibraryStore } from './library.ts';
import { emptyDraft, loadDraft, saveDraft, type DraftOrigin } from './wizard-draft.ts';

/** The study that is being made: its spec as far as it is written, and what the main side says about it. */
export const useWizardStore = defineStore('wizard', () => {
  const channel = useChannel();
  const library = useLibraryStore();
  const draft = loadDraft();
  const shelf: SettingShelf = new Map();

  const form = shallowRef<SpecForm | null>(null);
  const tables = shallowRef<readonly BuiltInTable[]>([]);
  const spec = shallowRef<SpecData>(draft.spec);
  const step = ref<WizardStep>(draft.step);
  const storageId = ref<string | null>(draft.storageId);
  const isShaped = ref(draft.isShaped);
  const isNamed = ref(draft.isNamed);
  const origin = shallowRef<DraftOrigin | null>(draft.origin);
  const error = shallowRef<ShownError | null>(null);

  const data = computed(() => (spec.value.data ?? {}) as SpecData);
  const table = computed(() => (typeof data.value.table === 'string' ? data.value.table : null));
  const task = computed<SpecTask>(() =>
    data.value.task === 'regression' ? 'regression' : 'classification',
  );
  const settings = computed(() => settingsOf(form.value));
  const formatPaths = computed(() => formatPathsOf(settings.value));

  const readings = useTableReadings();
  const tableProfile = useTableProfile(readings.follow);
  const { profile } = tableProfile;

  const place = computed(() => (storageId.value === null ? {} : { storageId: storageId.value }));
  const specCheck = useSpecCheck(
    () =>
      table.value === null
        ? null
        : { table: table.value, asked: { spec: spec.value, ...place.value } },
    readings.follow,
    error,
  );
  const { check, run: runCheck } = specCheck;
  watch(spec, specCheck.runSoon);
  watch(storageId, () => void runCheck());
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
        await tableProfile.read(table.value, formatOf(data.value, formatPaths.value));
        void runCheck();
      }
    })();
    return starting;
  }

  /** Begins with a table: a built-in one by its name, or a file. */
  async function chooseTable(path: string): Promise<boolean> {
    await start();
    const before = profile.value;
    const found = await tableProfile.read(path.trim());
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
    const found = await tableProfile.read(table.value, asked);
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

  let nTaken = 0;
  /**
   * Changes the data section. A spec that nobody shaped yet is made anew for it; otherwise only what the task forbids is.
   *
   * @returns false where the reading of the table was cancelled: then all is as it was. What was taken, loaded or discarded later counts.
   */
  async function takeData(now: SpecData): Promise<boolean> {
    const mine = ++nTaken;
    const before = task.value;
    let made: SpecData;
    try {
      made = await readings.follow(String(now.table), (signal) =>
        channel.call('specs.default', { data: now }, signal),
      );
      if (mine !== nTaken) return true;
      error.value = null;
    } catch (cause) {
      if (mine !== nTaken) return true;
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

  const ofTask = (shaped: SpecData): SpecData =>
    withoutOtherTask(shaped, settings.value, task.value);
  const begin = (group: SpecGroup, within: SpecData): SpecData =>
    neededBy(group, within, { task: task.value, nInputs: check.value?.data?.nFeatures });

  /** Changes one setting; undefined leaves it to its default. */
  function set(path: SpecPath, value: unknown): void {
    if (path[0] === 'name') isNamed.value = true;
    else if (path[0] !== 'data') isShaped.value = true;
    spec.value = withoutStrays(withValueAt(spec.value, path, value), form.value, { shelf, begin });
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
    if (group) set(path, begin(group, spec.value));
  }

  const get = (path: SpecPath): unknown => valueAt(spec.value, path);
  const defaultAt = (path: readonly string[]): unknown => defaultOf(settings.value, path);

  let nLoaded = 0;
  /**
   * Begins with the spec of a study, of a built-in study, or of a spec file.
   *
   * @returns The spec of a program of the user's own, of which there is nothing to be asked here; else null. Undefined where something else was
   * begun with meanwhile: then that counts.
   */
  async function load(from: StudyKey | string): Promise<SpecData | null | undefined> {
    const [mine, takenBefore] = [++nLoaded, nTaken];
    await start();
    const loaded = await channel.call('specs.load', { from });
    if (mine !== nLoaded || takenBefore !== nTaken) return undefined;
    if ('run' in loaded) return loaded;
    if (loaded.data === undefined) throw new Error(text.wizard.noTable);
    nTaken++;
    error.value = null;
    profile.value = null;
    isShaped.value = true;
    isNamed.value = typeof from === 'string';
    origin.value =
      typeof from === 'string'
        ? null
        : { key: from, studyName: String(loaded.name), takesTrials: false };
    spec.value = loaded;
    step.value = 'data';
    if (table.value !== null)
      await tableProfile.read(table.value, formatOf(data.value, formatPaths.value));
    return null;
  }

  function reset(): void {
    nTaken++;
    tableProfile.reset();
    specCheck.reset();
    shelf.clear();
    error.value = null;
    ({
      spec: spec.value,
      step: step.value,
      storageId: storageId.value,
      isShaped: isShaped.value,
      isNamed: isNamed.value,
      origin: origin.value,
    } = emptyDraft);
  }

  function setTakesTrials(takesTrials: boolean): void {
    if (origin.value) origin.value = { ...origin.value, takesTrials };
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
      ...place.value,
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
    isReading: tableProfile.isReading,
    check,
    error,
    tableError: tableProfile.error,
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
