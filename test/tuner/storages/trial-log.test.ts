import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { TrialLog } from '../../../src-main/tuner/storages/trial-log.ts';
import {
  trialStates,
  type Attrs,
  type FrozenTrial,
  type TrialState,
} from '../../../src-main/tuner/trial/frozen-trial.ts';
import { frozenTrial } from '../../helpers/frozen-trial.ts';

const distributions = {
  x: createFloatDistribution(-1, 1),
  '1': createIntDistribution(0, 10),
  ['__proto__']: createFloatDistribution(-1, 1),
  kind: createCategoricalDistribution(['a', null, 3]),
};

const contents = fc.record({
  state: fc.constantFrom(...trialStates),
  values: fc.option(fc.array(fc.double({ noNaN: true }), { maxLength: 3 })),
  startedAtMs: fc.option(fc.double({ noNaN: true })),
  completedAtMs: fc.option(fc.double({ noNaN: true })),
  names: fc.subarray(Object.keys(distributions)),
  choice: fc.nat({ max: 2 }),
  intermediateValues: fc.array(fc.double(), { maxLength: 4 }),
  userAttrs: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()),
});

type Content = typeof contents extends fc.Arbitrary<infer T> ? T : never;

function toTrial(trialId: number, content: Content): FrozenTrial {
  const { names, choice, intermediateValues, ...rest } = content;
  const pick = <T>(of: (name: keyof typeof distributions) => T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, of(name as keyof typeof distributions)]));
  const internal = { x: 0.25, '1': 7, ['__proto__']: -0, kind: choice };
  return {
    ...frozenTrial({ number: trialId - 1, ...rest }),
    params: pick((name) => (name === 'kind' ? (['a', null, 3][choice] ?? null) : internal[name])),
    internalParams: pick((name) => internal[name]),
    distributions: pick((name) => distributions[name]),
    intermediateValues: new Map(intermediateValues.entries()),
  };
}

/** Runs the garbage collector in a turn of its own, as objects that a weak reference gave out live to the end of theirs. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  await new Promise((resolve) => setTimeout(resolve, 0));
  (runInNewContext('gc') as () => void)();
}

describe('TrialLog', () => {
  it('gives finished trials back as they were, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { maxLength: 8 }), async (all) => {
        const log = new TrialLog();
        for (const [i, content] of all.entries()) log.add(toTrial(i + 1, content));
        await collectGarbage();
        for (const [i, content] of all.entries()) {
          const trial = log.get(i + 1);
          expect(trial).toEqual(toTrial(i + 1, content));
          expect(Object.keys(trial?.params ?? {})).toEqual(
            Object.keys(toTrial(i + 1, content).params),
          );
          expect(log.get(i + 1)).toBe(trial);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives back thousands that share some of what they have, also after all others are gone', async () => {
    const { x, kind } = distributions;
    const shared: FrozenTrial['distributions'][] = [{ x }, { x, kind }];
    const attrs: Attrs[] = [{ a: 1 }, { b: [2] }];
    // Long stretches of one kind, and each thing that can be another one alone.
    const either = <T>(of: readonly T[], number: number, everyNth: number): T =>
      of[Math.floor(number / everyNth) % of.length] as T;
    const trialOf = (number: number): FrozenTrial => {
      const its = either(shared, number, 997);
      const params = { x: Math.sin(number), ...('kind' in its ? { kind: 3 } : {}) };
      return frozenTrial({
        number,
        values: either([[number], [number, -number]], number, 401),
        params,
        distributions: its,
        intermediateValues: new Map(
          Array.from({ length: either([0, 2, 3], number, 211) }, (_, step) => [step, number / 3]),
        ),
        userAttrs: either(attrs, number, 89),
        systemAttrs: either(attrs, number, 37),
      });
    };
    const log = new TrialLog();
    for (let round = 0; round < 2; round++) {
      const numbers = Array.from({ length: 4000 }, (_, i) => i + 7 * round);
      for (const number of numbers) log.add(trialOf(number));
      await collectGarbage();
      expect(log.list()).toEqual(numbers.map(trialOf));
      for (const number of numbers) log.remove(number + 1);
    }
  });

  describe('given a trial anew', () => {
    const reports = (...pairs: [number, number][]): FrozenTrial['intermediateValues'] =>
      new Map(pairs);
    const { x, kind } = distributions;
    const trial = (): FrozenTrial =>
      frozenTrial({
        number: 0,
        values: [1, NaN],
        params: { x: 0.5, kind: 'a' },
        distributions: { x, kind },
        intermediateValues: reports([0, NaN], [1, 2]),
        userAttrs: { list: [1, 2], nested: { a: null } },
        systemAttrs: { s: 1 },
      });

    it('keeps the object that it has where nothing is different', () => {
      const log = new TrialLog();
      const first = trial();
      log.put(first);
      const { revision } = log.changesSince(0);
      log.put(trial());
      expect(log.get(1)).toBe(first);
      expect(log.changesSince(revision)).toEqual({ revision, trials: [], deletedTrialIds: [] });
    });

    it.each<Partial<FrozenTrial>>([
      { state: 'fail' },
      { values: null },
      { values: [1, 2] },
      { startedAtMs: 1 },
      { completedAtMs: 1 },
      { params: { x: 0.25, kind: 'a' }, internalParams: { x: 0.25, kind: 0 } },
      { distributions: { x: createFloatDistribution(-1, 2), kind } },
      {
        params: { x: 0.5, kind: 'b' },
        distributions: { x, kind: createCategoricalDistribution(['b', null, 3]) },
      },
      { intermediateValues: reports([0, NaN], [2, 2]) },
      { intermediateValues: reports([0, 1], [1, 2]) },
      { userAttrs: { list: [1, 3], nested: { a: null } } },
      { userAttrs: { list: { 0: 1, 1: 2 }, nested: { a: null } } },
      { userAttrs: { list: [1, 2], nested: { b: null } } },
      { systemAttrs: {} },
    ])('takes %j, and tells that it changed', (difference) => {
      const log = new TrialLog();
      log.put(trial());
      const { revision } = log.changesSince(0);
      const changed = { ...trial(), ...difference };
      log.put(changed);
      expect(log.get(1)).toEqual(changed);
      expect(log.changesSince(revision).trials).toEqual([changed]);
    });
  });

  it('holds no object of a finished trial that nobody has', async () => {
    const log = new TrialLog();
    log.add(frozenTrial({ number: 0, state: 'running' }));
    log.update(1, { state: 'complete', values: [0.5] });
    const held = new WeakRef(log.get(1) as FrozenTrial);
    await collectGarbage();
    expect(held.deref()).toBeUndefined();
    expect(log.get(1)?.values).toEqual([0.5]);
  });

  it('lists the same, in the same order, as a list that is made anew', () => {
    const steps = fc.oneof(
      fc.record({
        type: fc.constant('put'),
        id: fc.integer({ min: 1, max: 9 }),
        content: contents,
      }),
      fc.record({ type: fc.constant('remove'), id: fc.integer({ min: 1, max: 9 }) }),
      // Few lists, so that one is asked for again after changes.
      fc.record({
        type: fc.constant('look'),
        states: fc.constantFrom<TrialState[]>([...trialStates], ['complete'], ['running', 'fail']),
      }),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (all) => {
        const log = new TrialLog();
        const model = new Map<number, FrozenTrial>();
        for (const step of all)
          if ('content' in step) {
            const trial = toTrial(step.id, step.content);
            log.put(trial);
            model.set(step.id, trial);
          } else if ('id' in step) {
            if (model.delete(step.id)) log.remove(step.id);
          } else {
            const expected = [...model.values()]
              .filter((trial) => step.states.includes(trial.state))
              .sort((a, b) => a.number - b.number);
            const list = log.list(step.states);
            expect(list).toEqual(expected);
            expect(log.list(step.states)).toBe(list);
            expect(log.count(step.states)).toBe(expected.length);
          }
      }),
    );
  });

  it('puts a trial that has another number now where it belongs', () => {
    const log = new TrialLog();
    for (const number of [0, 1, 2]) log.add(frozenTrial({ number }));
    const { revision } = log.changesSince(0);
    const moved = frozenTrial({ number: 7, trialId: 1 });
    log.put(moved);
    expect(log.list().map(({ number, trialId }) => [number, trialId])).toEqual([
      [1, 2],
      [2, 3],
      [7, 1],
    ]);
    expect(log.getByNumber(0)).toBeUndefined();
    expect(log.getByNumber(7)).toEqual(moved);
    expect(log.changesSince(revision)).toMatchObject({ trials: [moved], deletedTrialIds: [] });
  });

  it('names the first and the last finished trial up to an id', () => {
    const log = new TrialLog();
    const anchors = (lastTrialId: number) => log.anchors(lastTrialId).map((one) => one.number);
    log.add(frozenTrial({ number: 0, state: 'running' }));
    expect(anchors(9)).toEqual([]);
    log.add(frozenTrial({ number: 1 }));
    expect(anchors(9)).toEqual([1]);
    for (const number of [2, 3]) log.add(frozenTrial({ number, state: 'fail' }));
    expect(anchors(9)).toEqual([1, 3]);
    expect(anchors(3)).toEqual([1, 2]);
    expect(anchors(1)).toEqual([]);
  });

  it('forgets a list that nobody asks for while many trials come, and still lists them all', () => {
    const log = new TrialLog();
    log.add(frozenTrial({ number: 0 }));
    expect(log.list(['complete'])).toHaveLength(1);
    for (let number = 1; number < 200; number++) log.add(frozenTrial({ number }));
    expect(log.list(['complete']).map((trial) => trial.number)).toEqual([...Array(200).keys()]);
  });
});
