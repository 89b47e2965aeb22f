import {
  toExternal,
  type CategoricalChoice,
  type Distribution,
} from '../../src-main/tuner/distributions.ts';
import { trialStates, type AttrValue } from '../../src-main/tuner/trial/frozen-trial.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { formatDateTime, formatDuration, formatNumber, formatUngrouped } from '../format.ts';
import { text } from '../text.ts';
import { bestRows } from './best.ts';
import type { TrialMarks } from './marks.ts';
import { stateCode, type TrialView } from './trial-view.ts';

export type FieldKind =
  'number' | 'integer' | 'time' | 'duration' | 'category' | 'state' | 'text' | 'tags';
export type FieldGroup = 'trial' | 'value' | 'param' | 'attr';

/**
 * Something every trial may have: what a table column shows, a filter asks, a sort compares and an axis draws. Made anew for each view.
 */
export interface Field {
  /** `number`, `value:0`, `param:learning_rate`, `attr:best_epoch`, … */
  readonly id: string;
  readonly title: string;
  readonly group: FieldGroup;
  readonly kind: FieldKind;
  /** What is sorted and filtered by, NaN where the trial has nothing here. A category's key is its index in `choices`. */
  key(row: number): number;
  /** As shown; empty where the trial has nothing here. */
  label(row: number): string;
  /** As exported and used in expressions; null where the trial has nothing here. */
  value(row: number): CategoricalChoice;
  /** Of categories and tags: what a key stands for. */
  readonly choices?: readonly string[];
  /** Of tags: whether the trial has this one; it may have several. */
  readonly has?: (row: number, tag: string) => boolean;
  /** Of numbers: equal ratios matter, so that a logarithmic axis is the natural one. */
  readonly isLog?: boolean;
}

export function valueFieldId(objective: number): string {
  return `value:${objective}`;
}

export function paramFieldId(name: string): string {
  return `param:${name}`;
}

/** How an objective is called: its metric name, or "Value", or "Value 2" where there are several. */
export function objectiveTitle(
  metricNames: readonly string[] | null,
  objective: number,
  nObjectives: number,
): string {
  return (
    metricNames?.[objective] ??
    (nObjectives > 1 ? text.fields.nthValue(objective + 1) : text.fields.value)
  );
}

/** The filter that leaves the Pareto front. */
export const onlyFront = { kind: 'choices', fieldId: 'front', keys: [1] } as const;
/** The filter that leaves what violates a constraint. */
export const onlyInfeasible = { kind: 'choices', fieldId: 'feasible', keys: [0] } as const;

/** All fields, in the order a table shows them. */
export function trialFields(
  view: TrialView,
  metricNames: readonly string[] | null,
  directions: readonly StudyDirection[] = [],
): Field[] {
  const values = view.values.map((column, objective) =>
    numericField(
      valueFieldId(objective),
      objectiveTitle(metricNames, objective, view.values.length),
      'value',
      column,
    ),
  );
  return [
    integerField('number', text.fields.number, view.numbers, (key) => key >= 0),
    stateField(view),
    ...values,
    ...rankFields(view, directions),
    ...view.params.map((column) => paramField(column.name, column.distribution, column.values)),
    timeField('startedAt', text.fields.startedAt, view.startedAtMs),
    timeField('completedAt', text.fields.completedAt, view.completedAtMs),
    durationField(view),
    integerField('epochs', text.fields.epochs, view.nIntermediate, (key) => key > 0),
    numericField('lastValue', text.fields.lastValue, 'trial', view.lastValues),
    ...markFields(view.marks),
    ...view.userAttrs.map((column) => attrField(column.name, column.values)),
  ];
}

function numericField(id: string, title: string, group: FieldGroup, column: Float64Array): Field {
  const key = (row: number): number => column[row] ?? NaN;
  return {
    id,
    title,
    group,
    kind: 'number',
    key,
    label: (row) => (Number.isNaN(key(row)) ? '' : formatNumber(key(row), 6)),
    value: (row) => (Number.isNaN(key(row)) ? null : key(row)),
  };
}

function integerField(
  id: string,
  title: string,
  column: Int32Array,
  isPresent: (key: number) => boolean,
): Field {
  const key = (row: number): number => {
    const value = column[row] ?? NaN;
    return isPresent(value) ? value : NaN;
  };
  return {
    id,
    title,
    group: 'trial',
    kind: 'integer',
    key,
    label: (row) => (Number.isNaN(key(row)) ? '' : String(key(row))),
    value: (row) => (Number.isNaN(key(row)) ? null : key(row)),
  };
}

function stateField(view: TrialView): Field {
  return {
    id: 'state',
    title: text.fields.state,
    group: 'trial',
    kind: 'state',
    key: (row) => view.states[row] ?? NaN,
    label: (row) => text.states[trialStates[view.states[row] ?? 0] ?? 'waiting'],
    value: (row) => trialStates[view.states[row] ?? 0] ?? null,
    choices: trialStates.map((state) => text.states[state]),
  };
}

/** What is said of complete trials among the others, where it can be said. */
function rankFields(view: TrialView, directions: readonly StudyDirection[]): Field[] {
  let front: ReadonlySet<number> | null = null;
  const isOnFront = (row: number): boolean =>
    (front ??= new Set(bestRows(view, directions))).has(row);
  return [
    ...(directions.length > 1
      ? [completeField(view, { id: 'front', title: text.fields.front }, isOnFront)]
      : []),
    ...(view.isFeasible.includes(0)
      ? [
          completeField(
            view,
            { id: 'feasible', title: text.fields.feasible },
            (row) => view.isFeasible[row] === 1,
          ),
        ]
      : []),
  ];
}

/** Yes or no for complete trials, nothing for others. */
function completeField(
  view: TrialView,
  what: Pick<Field, 'id' | 'title'>,
  test: (row: number) => boolean,
): Field {
  const choices = [text.fields.no, text.fields.yes];
  const value = (row: number): boolean | null =>
    view.states[row] === stateCode.complete ? test(row) : null;
  const key = (row: number): number => Number(value(row) ?? NaN);
  return {
    ...what,
    group: 'trial',
    kind: 'category',
    key,
    label: (row) => choices[key(row)] ?? '',
    value,
    choices,
  };
}

function timeField(id: string, title: string, column: Float64Array): Field {
  return {
    ...numericField(id, title, 'trial', column),
    kind: 'time',
    value: (row) =>
      Number.isNaN(column[row] ?? NaN) ? null : new Date(column[row] as number).toISOString(),
    label: (row) => (Number.isNaN(column[row] ?? NaN) ? '' : formatDateTime(column[row] as number)),
  };
}

function durationField(view: TrialView): Field {
  const key = (row: number): number =>
    (view.completedAtMs[row] ?? NaN) - (view.startedAtMs[row] ?? NaN);
  return {
    id: 'duration',
    title: text.fields.duration,
    group: 'trial',
    kind: 'duration',
    key,
    label: (row) => (Number.isNaN(key(row)) ? '' : formatDuration(key(row))),
    value: (row) => (Number.isNaN(key(row)) ? null : key(row)),
  };
}

function paramField(name: string, distribution: Distribution, column: Float64Array): Field {
  const id = paramFieldId(name);
  if (distribution.type !== 'categorical')
    return {
      ...numericField(id, name, 'param', column),
      kind: distribution.type === 'int' ? 'integer' : 'number',
      isLog: distribution.log,
    };
  const choices = distribution.choices.map(formatChoice);
  return {
    id,
    title: name,
    group: 'param',
    kind: 'category',
    key: (row) => column[row] ?? NaN,
    label: (row) => choices[column[row] ?? -1] ?? '',
    value: (row) => {
      const index = column[row] ?? NaN;
      return Number.isNaN(index) ? null : toExternal(distribution, index);
    },
    choices,
  };
}

/** How many trials have each of a field's choices. */
export function countChoices({ nTrials }: TrialView, field: Field): number[] {
  const { choices = [], has } = field;
  const counts = choices.map(() => 0);
  const count = (choice: number): number => (counts[choice] = (counts[choice] ?? 0) + 1);
  for (let row = 0; row < nTrials; row++)
    if (!has) {
      const key = field.key(row);
      if (!Number.isNaN(key)) count(key);
    } else for (let i = 0; i < choices.length; i++) if (has(row, choices[i] as string)) count(i);
  return counts;
}

export function formatChoice(choice: CategoricalChoice): string {
  if (choice === null) return 'None';
  if (typeof choice === 'boolean') return choice ? 'True' : 'False';
  return typeof choice === 'number' ? formatUngrouped(choice, 6) : choice;
}

/** Numeric where every value is a number; otherwise text, ordered as text. */
function attrField(name: string, values: readonly AttrValue[]): Field {
  const id = `attr:${name}`;
  const isNumeric = values.every((value) => value === null || typeof value === 'number');
  if (isNumeric) {
    const key = (row: number): number => {
      const value = values[row];
      return typeof value === 'number' ? value : NaN;
    };
    return {
      id,
      title: name,
      group: 'attr',
      kind: 'number',
      key,
      label: (row) => {
        const value = values[row];
        return typeof value === 'number' ? formatNumber(value, 6) : '';
      },
      value: (row) => (values[row] as number | null | undefined) ?? null,
    };
  }
  const texts = (row: number): string => {
    const value = values[row] ?? null;
    if (value === null) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return textField({ id, title: name, group: 'attr' }, values.length, texts);
}

/** Text, ordered as text. */
function textField(
  what: Pick<Field, 'id' | 'title' | 'group'>,
  nRows: number,
  label: (row: number) => string,
): Field {
  let ranks: Map<string, number> | null = null;
  return {
    ...what,
    kind: 'text',
    key: (row) => {
      ranks ??= rankTexts(Array.from({ length: nRows }, (_, i) => label(i)));
      return ranks.get(label(row)) ?? NaN;
    },
    label,
    value: (row) => label(row) || null,
  };
}

/** What people said of trials, where they did. */
function markFields(marks: TrialMarks | null): Field[] {
  if (!marks) return [];
  const { tags, notes } = marks;
  const used = new Set<string>();
  for (const own of tags) for (const tag of own) used.add(tag);
  const choices = [...rankTexts([...used]).keys()];
  const tagField: Field = {
    ...textField({ id: 'tags', title: text.fields.tags, group: 'trial' }, tags.length, (row) =>
      (tags[row] ?? []).join(', '),
    ),
    kind: 'tags',
    choices,
    has: (row, tag) => tags[row]?.includes(tag) ?? false,
  };
  const noteField = textField(
    { id: 'note', title: text.fields.note, group: 'trial' },
    notes.length,
    (row) => notes[row] ?? '',
  );
  return [
    ...(choices.length > 0 ? [tagField] : []),
    ...(notes.some((note) => note !== '') ? [noteField] : []),
  ];
}

/** Place of each text among all; the empty one has none. */
function rankTexts(texts: readonly string[]): Map<string, number> {
  const distinct = [...new Set(texts)].filter((entry) => entry !== '');
  const collator = new Intl.Collator('en', { numeric: true });
  return new Map(distinct.sort(collator.compare).map((entry, rank) => [entry, rank]));
}
