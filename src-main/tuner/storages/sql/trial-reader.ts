/**
 * Reads trials table by table, however many they are, and puts them together in memory: a statement per trial would make a large study
 * unusable. What trials have in common (distributions, sets of distributions, empty records, equal attributes) is one object for all.
 */
import type { Distribution, ParamValue } from '../../distributions.ts';
import { DELETED, OWNER } from '../../system-attrs.ts';
import type { AttrValue, FrozenTrial } from '../../trial/frozen-trial.ts';
import type { DistributionCodec } from '../distribution-json.ts';
import { parseStoredTime, type StoredZone } from '../stored-time.ts';
import { NOTHING, NO_INTERMEDIATE_VALUES, externalValue, sortedBySteps } from '../trial-edits.ts';
import { setOwn } from '../../own-entries.ts';
import { all, allIn, get, type SqlProgram, type SqlRow } from './program.ts';
import { parseAttr, type AttrKind } from './study-rows.ts';
import { fromStoredState, fromStoredValue } from './stored-value.ts';

export interface TrialReaderOptions {
  readonly distributions: DistributionCodec;
  /** How times are meant of trials that no Parzen ran. */
  readonly foreignZone: StoredZone;
}

/** trial_id, number, state, datetime_start, datetime_complete */
export type TrialRow = readonly [number, number, string, string | null, string | null];

const TRIAL_COLUMNS = 'trial_id, number, state, datetime_start, datetime_complete';

export interface ReadTrials {
  /** In the order of the rows. */
  readonly trials: readonly FrozenTrial[];
  /** Those marked as deleted, which are not among `trials`. */
  readonly deletedTrialIds: readonly number[];
}

/** Rows fetched at a time when a whole table is read: few enough to be garbage while that is cheap. */
const SCAN_PORTION = 2_000;

/** How times of this trial are meant. */
export function zoneOf(trial: Pick<FrozenTrial, 'systemAttrs'>, foreign: StoredZone): StoredZone {
  return Object.hasOwn(trial.systemAttrs, OWNER) ? 'utc' : foreign;
}

/** Completes rows of `trials` to trials. */
export function* completeTrials(
  rows: readonly TrialRow[],
  { distributions, foreignZone }: TrialReaderOptions,
): SqlProgram<ReadTrials> {
  const ids = rows.map((row) => row[0]);
  const isScan = yield* isScanCheaper(rows.length);
  const drafts = rows.map(createDraft);
  const find = createFinder(drafts);
  const visit = <Row extends ChildRow>(
    table: string,
    idColumn: string,
    columns: string,
    take: (draft: Draft, row: Row) => void,
  ): SqlProgram<void> =>
    visitRows<Row>(`SELECT ${idColumn}, trial_id, ${columns} FROM ${table}`, idColumn, {
      ids: isScan ? null : ids,
      visit: (row) => {
        const draft = find(row[1]);
        if (draft !== undefined) take(draft, row);
      },
    });

  const root = new ParamsNode('', null, NOTHING);
  yield* visit<[number, number, string, number, string]>(
    'trial_params',
    'param_id',
    'param_name, param_value, distribution_json',
    (draft, [, , name, value, text]) => {
      draft.node = (draft.node ?? root).child(name, text, distributions);
      addParam(draft, draft.node, value);
    },
  );

  yield* visit<[number, number, number, number | null, string]>(
    'trial_values',
    'trial_value_id',
    'objective, value, value_type',
    (draft, [, , objective, value, type]) => {
      draft.values ??= [];
      while (draft.values.length <= objective) draft.values.push(NaN);
      draft.values[objective] = fromStoredValue(value, type);
    },
  );

  yield* visit<[number, number, number, number | null, string]>(
    'trial_intermediate_values',
    'trial_intermediate_value_id',
    'step, intermediate_value, intermediate_value_type',
    (draft, [, , step, value, type]) => {
      draft.reports ??= new Map();
      if (step < draft.lastStep) draft.isUnordered = true;
      draft.lastStep = step;
      draft.reports.set(step, fromStoredValue(value, type));
    },
  );

  const parse = createAttrParser();
  for (const kind of ['user', 'system'] as const satisfies readonly AttrKind[]) {
    const field = kind === 'user' ? 'userAttrs' : 'systemAttrs';
    yield* visit<[number, number, string, string | null]>(
      `trial_${kind}_attributes`,
      `trial_${kind}_attribute_id`,
      '"key", value_json',
      (draft, [, , key, text]) => {
        draft[field] ??= {};
        setOwn(draft[field], key, parse(text));
      },
    );
  }

  const trials: FrozenTrial[] = [];
  const deletedTrialIds: number[] = [];
  for (const draft of drafts)
    if (draft.systemAttrs?.[DELETED] === true) deletedTrialIds.push(draft.row[0]);
    else trials.push(toTrial(draft, foreignZone));
  return { trials, deletedTrialIds };
}

type ChildRow = readonly [id: number, trialId: number, ...SqlRow];

/** A trial being put together. */
interface Draft {
  readonly row: TrialRow;
  values: number[] | null;
  /** The same object as `internalParams` as long as the values are the same. */
  params: Record<string, ParamValue> | null;
  internalParams: Record<string, number> | null;
  /** Where its parameters have led so far. */
  node: ParamsNode | null;
  reports: Map<number, number> | null;
  lastStep: number;
  isUnordered: boolean;
  userAttrs: Record<string, AttrValue> | null;
  systemAttrs: Record<string, AttrValue> | null;
}

function createDraft(row: TrialRow): Draft {
  return {
    row,
    values: null,
    params: null,
    internalParams: null,
    node: null,
    reports: null,
    lastStep: -1,
    isUnordered: false,
    userAttrs: null,
    systemAttrs: null,
  };
}

function toTrial(draft: Draft, foreignZone: StoredZone): FrozenTrial {
  const [trialId, number, state, start, complete] = draft.row;
  const systemAttrs = draft.systemAttrs ?? NOTHING;
  const zone = zoneOf({ systemAttrs }, foreignZone);
  let intermediateValues: ReadonlyMap<number, number> = draft.reports ?? NO_INTERMEDIATE_VALUES;
  if (draft.isUnordered) intermediateValues = sortedBySteps(intermediateValues);
  return {
    trialId,
    number,
    state: fromStoredState(state),
    values: draft.values,
    startedAtMs: parseStoredTime(start, zone),
    completedAtMs: parseStoredTime(complete, zone),
    params: draft.params ?? NOTHING,
    internalParams: draft.internalParams ?? NOTHING,
    distributions: draft.node?.distributions ?? NOTHING,
    intermediateValues,
    userAttrs: draft.userAttrs ?? NOTHING,
    systemAttrs,
  };
}

function addParam(draft: Draft, { name, distribution }: ParamsNode, internalValue: number): void {
  const value = externalValue(distribution as Distribution, internalValue);
  draft.internalParams ??= {};
  draft.params ??= draft.internalParams;
  if (draft.params === draft.internalParams && value !== internalValue)
    draft.params = { ...draft.internalParams };
  if (draft.params !== draft.internalParams) setOwn(draft.params, name, value);
  setOwn(draft.internalParams, name, internalValue);
}

/** A sequence of parameters and distributions that trials begin with; leads to the sequences that are one longer. */
class ParamsNode {
  readonly name: string;
  readonly distribution: Distribution | null;
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly #children = new Map<string, Map<string, ParamsNode>>();
  #lastName = '';
  #lastText = '';
  #lastChild: ParamsNode | null = null;

  constructor(
    name: string,
    distribution: Distribution | null,
    distributions: Readonly<Record<string, Distribution>>,
  ) {
    this.name = name;
    this.distribution = distribution;
    this.distributions = distributions;
  }

  child(name: string, text: string, codec: DistributionCodec): ParamsNode {
    // Neighbouring trials mostly go the same way: a comparison of texts is cheaper than to hash them.
    if (this.#lastChild !== null && name === this.#lastName && text === this.#lastText)
      return this.#lastChild;
    let byText = this.#children.get(name);
    if (byText === undefined) this.#children.set(name, (byText = new Map()));
    let child = byText.get(text);
    if (child === undefined) {
      const distribution = codec.parse(text);
      const distributions = { ...this.distributions };
      setOwn(distributions, name, distribution);
      child = new ParamsNode(name, distribution, distributions);
      byText.set(text, child);
    }
    this.#lastName = name;
    this.#lastText = text;
    this.#lastChild = child;
    return child;
  }
}

/** Whether reading whole tables is cheaper than to look this many trials up one by one. */
function* isScanCheaper(nWanted: number): SqlProgram<boolean> {
  if (nWanted < 100) return false;
  const row = yield* get<[number]>('SELECT count(*) FROM trials');
  return 2 * nWanted > (row?.[0] ?? 0);
}

/** Visits the rows of these trials (null: of all) in the order in which they were written. */
function* visitRows<Row extends ChildRow>(
  select: string,
  idColumn: string,
  options: { ids: readonly number[] | null; visit: (row: Row) => void },
): SqlProgram<void> {
  const { ids, visit } = options;
  if (ids !== null) {
    for (const row of yield* allIn<Row>(
      `${select} WHERE trial_id IN (LIST) ORDER BY ${idColumn}`,
      ids,
    ))
      visit(row);
    return;
  }
  const sql = `${select} WHERE ${idColumn} > ? ORDER BY ${idColumn} LIMIT ${SCAN_PORTION}`;
  let lastId = 0;
  for (;;) {
    const rows = yield* all<Row>(sql, lastId);
    for (const row of rows) visit(row);
    if (rows.length < SCAN_PORTION) return;
    lastId = (rows.at(-1) as Row)[0];
  }
}

function createFinder(drafts: readonly Draft[]): (trialId: number) => Draft | undefined {
  const byId = new Map(drafts.map((draft) => [draft.row[0], draft]));
  let last: Draft | undefined;
  return (trialId) => {
    if (last?.row[0] !== trialId) last = byId.get(trialId);
    return last;
  };
}

/** Parses attributes; equal short texts, such as those of owners, are parsed once. */
function createAttrParser(): (text: string | null) => AttrValue {
  const known = new Map<string, AttrValue>();
  return (text) => {
    if (text === null || text.length > 200) return parseAttr(text);
    let value = known.get(text);
    if (value === undefined) {
      value = parseAttr(text);
      if (known.size < 10_000) known.set(text, value);
    }
    return value;
  };
}

export function* selectTrialRows(
  studyId: number,
  afterTrialId: number,
): SqlProgram<readonly TrialRow[]> {
  return yield* all<TrialRow>(
    `SELECT ${TRIAL_COLUMNS} FROM trials WHERE study_id = ? AND trial_id > ? ORDER BY trial_id`,
    studyId,
    afterTrialId,
  );
}

export function* selectTrialRowsById(ids: readonly number[]): SqlProgram<readonly TrialRow[]> {
  return yield* allIn<TrialRow>(
    `SELECT ${TRIAL_COLUMNS} FROM trials WHERE trial_id IN (LIST) ORDER BY trial_id`,
    ids,
  );
}
