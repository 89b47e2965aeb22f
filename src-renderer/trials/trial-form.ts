import {
  containsInternal,
  toInternal,
  type Distribution,
  type ParamValue,
} from '../../src-main/tuner/distributions.ts';
import { ownValue } from '../own-value.ts';
import { text } from '../text.ts';
import { describeSpace } from '../wizard/describe-space.ts';
import { formatChoice } from './fields.ts';
import type { TrialView } from './trial-view.ts';

/** One parameter of a trial that is being made. */
export interface TrialFormField {
  readonly name: string;
  /** The range it is known to have. */
  readonly distribution: Distribution;
  readonly space: string;
  /** Of categorical parameters, by index. */
  readonly choices: readonly string[] | null;
}

/** What was typed, by parameter: the text of a number or the index of a choice; null: left to the sampler. */
export type TrialFormValues = Readonly<Record<string, string | number | null>>;

/** The parameters that the study's trials have. */
export function trialFormFields(view: TrialView): TrialFormField[] {
  return view.params.map(({ name, distribution }) => ({
    name,
    distribution,
    space: describeSpace(distribution),
    choices: distribution.type === 'categorical' ? distribution.choices.map(formatChoice) : null,
  }));
}

/** The form filled in with a trial's parameters. */
export function trialFormValues(
  fields: readonly TrialFormField[],
  params: Readonly<Record<string, ParamValue>>,
): TrialFormValues {
  return Object.fromEntries(
    fields.map(({ name, distribution }) => {
      if (!Object.hasOwn(params, name)) return [name, null];
      const value = params[name] as ParamValue;
      if (distribution.type === 'categorical') return [name, toInternal(distribution, value)];
      return [name, String(value)];
    }),
  );
}

/** What is wrong with a value; null: nothing. */
export function trialFormProblem(
  { distribution, space }: TrialFormField,
  typed: string | number | null,
): string | null {
  if (typed === null || distribution.type === 'categorical') return null;
  const number = toNumber(typed);
  if (number === null) return null;
  if (Number.isNaN(number)) return text.trialForm.notANumber;
  if (distribution.type === 'int' && !Number.isInteger(number)) return text.trialForm.notWhole;
  return containsInternal(distribution, number) ? null : text.trialForm.outside(space);
}

/** The parameters that were given. */
export function trialFormParams(
  fields: readonly TrialFormField[],
  values: TrialFormValues,
): Record<string, ParamValue> {
  return Object.fromEntries(
    fields.flatMap<[string, ParamValue]>(({ name, distribution }) => {
      const typed = ownValue(values, name) ?? null;
      if (typed === null) return [];
      // A choice may be null.
      const value =
        distribution.type === 'categorical'
          ? distribution.choices[Number(typed)]
          : (toNumber(typed) ?? undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Null: nothing was typed. NaN: no number was. */
function toNumber(typed: string | number): number | null {
  const trimmed = String(typed).trim().replace(',', '.').replace('−', '-');
  return trimmed === '' ? null : Number(trimmed);
}
