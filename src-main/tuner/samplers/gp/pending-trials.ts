import { toInternal, type Distribution, type ParamValue } from '../../distributions.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';
import type { MixedSpace } from './mixed-space.ts';
import { liesIn, placesOf } from './training-set.ts';

/** Under which Optuna's workers tell what they sampled for a running trial: JSON, in pieces `:0`, `:1`, … */
const RELATIVE_PARAMS = 'gp:relative_params';

type InternalParams = FrozenTrial['internalParams'];

/** What running trials try, or are about to. */
export class PendingTrials {
  /** Of this process, what was sampled and may not be suggested yet: by trial number. */
  readonly #announced = new WeakMap<StudyHistory, Map<number, InternalParams>>();

  announce(
    history: StudyHistory,
    { number }: FrozenTrial,
    { searchSpace }: MixedSpace,
    params: Readonly<Record<string, ParamValue>>,
  ): void {
    let announced = this.#announced.get(history);
    if (!announced) this.#announced.set(history, (announced = new Map()));
    announced.set(number, toInternals(searchSpace, params));
  }

  /** Places of the running trials of which all parameters of the space are known, but for the trial at hand: n x nDims, row-major. */
  placesOf(history: StudyHistory, space: MixedSpace, current: FrozenTrial): Float64Array {
    const announced = this.#announced.get(history);
    for (const number of announced?.keys() ?? [])
      if (!history.running.has(number)) announced?.delete(number);
    const all = [...history.running.values()]
      .filter(({ number }) => number !== current.number)
      .sort((a, b) => a.number - b.number)
      .map((trial) => ({
        ...(announced?.get(trial.number) ?? announcedByOptuna(trial, space)),
        ...trial.internalParams,
      }));
    return placesOf(
      space,
      all.filter((params) => liesIn(space, params)),
    );
  }
}

function announcedByOptuna(trial: FrozenTrial, { searchSpace }: MixedSpace): InternalParams {
  let text = '';
  for (let i = 0; ; i++) {
    const piece = trial.systemAttrs[`${RELATIVE_PARAMS}:${i}`];
    if (typeof piece !== 'string') break;
    text += piece;
  }
  try {
    return toInternals(searchSpace, JSON.parse(text) as Record<string, ParamValue>);
  } catch {
    // Nothing was told, not all pieces are written yet, or a value does not fit the distribution.
    return {};
  }
}

function toInternals(
  searchSpace: MixedSpace['searchSpace'],
  params: Readonly<Record<string, ParamValue>>,
): InternalParams {
  return Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name in searchSpace)
      .map(([name, value]) => [name, toInternal(searchSpace[name] as Distribution, value)]),
  );
}
