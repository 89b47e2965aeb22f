import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { paramAxis, paramPlaces } from '../../../src-renderer/charts/param-axis.ts';
import { sliceInfo, sliceModel, targetAxis } from '../../../src-renderer/charts/slice.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { paramOf, targetOf } from '../helpers/targets.ts';
import { conditionalHistory, flatHistory, toView } from '../helpers/trial-columns.ts';

describe('sliceInfo', () => {
  it('draws every trial of the reference history at its parameter and value', () => {
    const { trials, distributions } = flatHistory();
    const view = toView(trials, distributions);
    for (const name of Object.keys(distributions)) {
      const param = paramOf(view, name);
      const info = sliceInfo(view, { param, target: targetOf(view) });
      expect(info.groups.map(({ kind }) => kind)).toEqual(['complete']);
      expect(info.nWithout).toBe(0);
      const [group] = info.groups;
      expect([...(group?.y ?? [])]).toEqual(trials.map(({ values }) => values?.[0]));
    }
    const exact = sliceInfo(view, {
      param: paramOf(view, 'x_float'),
      target: targetOf(view),
    });
    expect([...(exact.groups[0]?.x ?? [])]).toEqual(trials.map(({ params }) => params?.x_float));
  });

  it('counts the trials for which the parameter does not exist', () => {
    const { trials, distributions } = conditionalHistory();
    const view = toView(trials, distributions);
    const param = paramOf(view, 'hidden_dim_layer_2');
    const { groups, nWithout } = sliceInfo(view, {
      param,
      target: targetOf(view, 'maximize'),
    });
    const drawn = groups.reduce((sum, { x }) => sum + x.length, 0);
    const has = trials.filter(
      ({ state, params = {} }) => state !== 'fail' && 'hidden_dim_layer_2' in params,
    );
    expect(drawn).toBe(has.length);
    expect(drawn + nWithout).toBe(39);
  });

  it('keeps a parameter whose value is 0, and the choices False and None', () => {
    const view = toView(
      [
        { number: 0, values: [1], params: { x: 0, flag: false } },
        { number: 1, values: [2], params: { x: 1, flag: null } },
      ],
      { x: createFloatDistribution(0, 1), flag: createCategoricalDistribution([false, null]) },
    );
    const target = targetOf(view);
    const model = sliceModel(
      view,
      { param: paramOf(view, 'flag'), target, yRange: [0, 1] },
      chartTheme,
    );
    const table = model.table();
    expect([0, 1].map((row) => table.cell(row, 2))).toEqual(['False', 'None']);
    const { groups } = sliceInfo(view, { param: paramOf(view, 'x'), target });
    expect([...(groups[0]?.x ?? [])]).toEqual([0, 1]);
  });

  it('explains other numbers than the objective', () => {
    const view = toView(
      [
        { number: 0, values: [1], params: { x: 0 }, startedAtMs: 0, completedAtMs: 70 },
        { number: 1, values: [1], params: { x: 1 }, startedAtMs: 0, completedAtMs: 90 },
      ],
      { x: createFloatDistribution(0, 1) },
    );
    const target = targetOf(view, 'minimize', 'duration');
    const { groups } = sliceInfo(view, { param: paramOf(view, 'x'), target });
    expect([...(groups[0]?.y ?? [])]).toEqual([70, 90]);
    expect(targetAxis(view, target, false).range[0]).toBeGreaterThan(60);
  });
});

describe('shades', () => {
  const view = toView(
    Array.from({ length: 20 }, (_, number) => ({
      number,
      ...(number === 3 ? { state: 'pruned' as const } : {}),
      values: [number],
      params: { x: number / 20 },
    })),
    { x: createFloatDistribution(0, 1) },
  );
  const options = { param: paramOf(view, 'x'), target: targetOf(view), yRange: [0, 20] as const };
  const seriesOf = (isShaded: boolean) =>
    sliceModel(view, { ...options, isShaded }, chartTheme).option.series as unknown as {
      name: string;
      data: Float64Array;
      itemStyle: { color: string };
    }[];

  it('have every complete trial once, in the order of trials, and one name to be hidden by', () => {
    const shaded = seriesOf(true).filter(({ name }) => name === 'Complete');
    const plain = seriesOf(false).filter(({ name }) => name === 'Complete');
    expect(plain).toHaveLength(1);
    expect(new Set(shaded.map(({ itemStyle }) => itemStyle.color)).size).toBe(8);
    expect(shaded.flatMap(({ data }) => [...data])).toEqual([...(plain[0]?.data ?? [])]);
    expect(shaded.at(-1)?.itemStyle.color).toBe(chartTheme.ramp[2]);
  });

  it('leave the other states as they are, and say what they mean', () => {
    const other = (isShaded: boolean) => seriesOf(isShaded).filter(({ name }) => name === 'Pruned');
    expect(other(true)).toEqual(other(false));
    const ramp = { from: 'Trial 0', to: 'Trial 19' };
    expect(sliceModel(view, { ...options, isShaded: true }, chartTheme).ramp).toEqual(ramp);
    expect(sliceModel(view, options, chartTheme).ramp).toBeUndefined();
  });
});

describe('paramAxis', () => {
  it('spreads the points of a parameter that has few values, without mixing neighbours', () => {
    const view = toView(
      Array.from({ length: 60 }, (_, number) => ({
        number,
        values: [0],
        params: { n: 1 + (number % 3) },
      })),
      { n: createIntDistribution(1, 3) },
    );
    const column = paramOf(view, 'n');
    const place = paramPlaces(column, { isSpread: true });
    for (let row = 0; row < 60; row++) {
      expect(Math.round(place(row))).toBe(column.values[row]);
      expect(place(row)).toBe(paramPlaces(column, { isSpread: true })(row));
    }
  });

  it('covers values outside the newest bounds', () => {
    const column = {
      name: 'x',
      distribution: createFloatDistribution(0, 1),
      values: Float64Array.of(-3, 0.5, NaN),
    };
    expect(paramAxis(column).range[0]).toBeLessThan(-3);
  });
});
