import { countValues, firstValue } from '../tuner/distributions.ts';
import type { Distribution, ParamValue } from '../tuner/distributions.ts';
import type { TrainingData } from './datasets/dataset.ts';
import { toDistribution } from './hyperparameter.ts';
import type { NetworkStudySpec } from './spec.ts';
import type { ProgramStudySpec } from './spec/program.ts';
import { suggestPlan } from './suggest-plan.ts';

/** A parameter that trials of a study may be asked for. */
export interface SpaceParam {
  readonly name: string;
  readonly distribution: Distribution;
  /** When it is asked for, such as `n_layers ≥ 2`; null: always. */
  readonly condition: string | null;
}

export interface SpecSpace {
  /** In the order in which a trial asks for them. */
  readonly params: readonly SpaceParam[];
  /** Different settings there are; Infinity with a continuous range, null where there are too many conditions to count. */
  readonly nCombinations: number | null;
}

type Sizes = Pick<TrainingData, 'task' | 'nFeatures' | 'nOutputs' | 'classes'>;
type Assignment = ReadonlyMap<string, ParamValue>;
type Asked = ReadonlyMap<string, Distribution>;
type Ask = (given: Assignment) => Promise<Asked>;

/** Values of one parameter tried out to see what they bring with them. */
const MAX_VALUES = 128;
/** Ways through the conditions that are followed, and suggestions made on them, before counting is given up. */
const MAX_WAYS = 2000;
const MAX_SUGGESTIONS = 100_000;
/** Ways on which parameters that seemed to decide nothing are looked at again. */
const N_LOOKED_AT_AGAIN = 8;

/** The search space that a study of an own objective declares; without one nothing is known before trials ask. */
export function declaredSpace(space: ProgramStudySpec['space']): SpecSpace {
  const params = Object.entries(space ?? {}).map(([name, range]) => ({
    name,
    distribution: toDistribution(range),
    condition: null,
  }));
  return {
    params,
    nCombinations: space
      ? params.reduce((product, { distribution }) => product * countValues(distribution), 1)
      : null,
  };
}

/**
 * The search space of a spec, conditions included. It is found by asking for plans as trials do, so whatever a plan asks for is
 * in it: first the parameters whose value decides which others there are, then every way through these. Some decide only
 * together with others (a shape where there are layers), so they are looked at again on some of the ways.
 */
export async function searchSpaceOf(spec: NetworkStudySpec, sizes: Sizes): Promise<SpecSpace> {
  const ask: Ask = async (given) => {
    const asked = new Map<string, Distribution>();
    const suggest = async (name: string, distribution: Distribution): Promise<ParamValue> => {
      asked.set(name, distribution);
      return given.get(name) ?? usualValue(distribution);
    };
    await suggestPlan({ suggest }, spec, sizes);
    return asked;
  };
  const { all, deciding, note } = await findDeciding(ask);
  let ways = await followWays(ask, deciding);
  for (let i = 0; i < N_LOOKED_AT_AGAIN; i++) {
    const way = ways.list[Math.round((i * (ways.list.length - 1)) / (N_LOOKED_AT_AGAIN - 1))];
    if (!way || !(await lookAgain(ask, way, deciding, note))) continue;
    ways = await followWays(ask, deciding);
    i = -1;
  }
  return {
    params: [...all].map(([name, distribution]) => ({
      name,
      distribution,
      condition: conditionOf(
        name,
        ways,
        [...all.keys()].filter((one) => deciding.has(one)),
      ),
    })),
    nCombinations: ways.isWhole ? countCombinations(ways.list, deciding) : null,
  };
}

/** Every parameter there is, in an order that fits all trials, and those that decide about others. */
async function findDeciding(
  ask: Ask,
): Promise<{ all: Asked; deciding: Set<string>; note: (asked: Asked) => void }> {
  const all = new Map<string, Distribution>();
  const deciding = new Set<string>();
  const order: string[] = [];
  const note = (asked: Asked): void => {
    if ([...asked.keys()].every((name) => all.has(name))) return;
    const known = new Map(all);
    let after = -1;
    for (const [name, distribution] of asked) {
      const at = order.indexOf(name);
      if (at < 0) order.splice(++after, 0, name);
      else after = Math.max(after, at);
      known.set(name, distribution);
    }
    all.clear();
    for (const name of order) all.set(name, known.get(name) as Distribution);
  };
  const seen = new Set<string>();
  const queue: { name: string; given: Assignment }[] = [];
  const look = (asked: Asked, given: Assignment): void => {
    note(asked);
    for (const name of asked.keys())
      if (!seen.has(name)) {
        seen.add(name);
        queue.push({ name, given });
      }
  };
  look(await ask(new Map()), new Map());
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { name, given } = next;
    const before = await ask(given);
    const distribution = before.get(name);
    if (!distribution) continue;
    for (const value of valuesToTry(distribution)) {
      const with_ = new Map(given).set(name, value);
      const asked = await ask(with_);
      if (!hasSameNames(before, asked)) deciding.add(name);
      look(asked, with_);
    }
  }
  return { all, deciding, note };
}

/** Whether a parameter decides after all. */
async function lookAgain(
  ask: Ask,
  { given, asked }: Way,
  deciding: Set<string>,
  note: (asked: Asked) => void,
): Promise<boolean> {
  const before = deciding.size;
  for (const [name, distribution] of asked) {
    if (deciding.has(name)) continue;
    for (const value of endsOf(distribution)) {
      const changed = await ask(new Map(given).set(name, value));
      if (hasSameNames(asked, changed)) continue;
      deciding.add(name);
      note(changed);
    }
  }
  return deciding.size > before;
}

/** The largest number, which brings most with it; the first of other choices. */
function usualValue(distribution: Distribution): ParamValue {
  return distribution.type === 'categorical' ? firstValue(distribution) : distribution.high;
}

function endsOf(distribution: Distribution): ParamValue[] {
  return distribution.type === 'categorical'
    ? [...distribution.choices]
    : [distribution.low, distribution.high];
}

/** All values, or the ends and the middle of what has too many. */
function valuesToTry(distribution: Distribution): ParamValue[] {
  if (distribution.type === 'categorical') return [...distribution.choices];
  const { type, low, high, step } = distribution;
  const n = countValues(distribution);
  if (n <= MAX_VALUES) return Array.from({ length: n }, (_, i) => low + i * (step ?? 1));
  return [low, type === 'int' ? Math.round((low + high) / 2) : (low + high) / 2, high];
}

interface Way {
  readonly given: Assignment;
  readonly asked: Asked;
}

interface Ways {
  readonly list: readonly Way[];
  /** Whether none was left out. */
  readonly isWhole: boolean;
}

async function followWays(ask: Ask, deciding: ReadonlySet<string>): Promise<Ways> {
  const list: Way[] = [];
  const open: Assignment[] = [new Map()];
  let nSuggestions = 0;
  for (let given = open.pop(); given; given = open.pop()) {
    if (list.length + open.length > MAX_WAYS || nSuggestions > MAX_SUGGESTIONS)
      return { list, isWhole: false };
    const asked = await ask(given);
    nSuggestions += asked.size;
    const next = [...asked].find(([name]) => deciding.has(name) && !given.has(name));
    if (!next) list.push({ given, asked });
    else
      for (const value of valuesToTry(next[1]).reverse())
        open.push(new Map(given).set(next[0], value));
  }
  return { list, isWhole: true };
}

function countCombinations(ways: readonly Way[], deciding: ReadonlySet<string>): number {
  return ways.reduce(
    (sum, { asked }) =>
      sum +
      [...asked].reduce(
        (product, [name, distribution]) =>
          deciding.has(name) ? product : product * countValues(distribution),
        1,
      ),
    0,
  );
}

function conditionOf(name: string, { list }: Ways, deciding: readonly string[]): string | null {
  const having = list.filter(({ asked }) => asked.has(name));
  if (having.length === list.length) return null;
  const parts = deciding.flatMap((decider) => {
    if (decider === name) return [];
    const values = (ways: readonly Way[]): Set<ParamValue | undefined> =>
      new Set(ways.map(({ given }) => given.get(decider)));
    const [all, needed] = [values(list), values(having)];
    all.delete(undefined);
    return needed.size === 0 || needed.has(undefined) || needed.size >= all.size
      ? []
      : [describeCondition(decider, [...needed] as ParamValue[], [...all] as ParamValue[])];
  });
  return parts.length > 0 ? parts.join(' and ') : 'in some trials';
}

function describeCondition(
  name: string,
  needed: readonly ParamValue[],
  all: readonly ParamValue[],
): string {
  const numbers = needed.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const allNumbers = all.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const isUpperPart =
    needed.length > 1 &&
    numbers.length === needed.length &&
    allNumbers.length === all.length &&
    allNumbers.slice(-numbers.length)[0] === numbers[0];
  if (isUpperPart) return `${name} ≥ ${numbers[0]}`;
  return `${name} = ${needed.map(String).join(' or ')}`;
}

function hasSameNames(a: Asked, b: Asked): boolean {
  return a.size === b.size && [...a.keys()].every((name) => b.has(name));
}
