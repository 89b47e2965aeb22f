import { describe, expect, it } from 'vitest';

import {
  curveBand,
  intermediateValuesInfo,
  intermediateValuesModel,
} from '../../../src-renderer/charts/intermediate-values.ts';
import { mergeCurves, pickCurves } from '../../../src-renderer/trials/curves.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { conditionalHistory, toCurves, toView, type PlainTrial } from '../helpers/trial-columns.ts';

const options = { valueTitle: 'Value', bestNumbers: [], selectedNumbers: new Set<number>() };
const line = (number: number, values: number[], facts: Partial<PlainTrial> = {}): PlainTrial => ({
  number,
  values: [0],
  intermediate: values.map((value, step) => [step, value] as const),
  ...facts,
});

describe('intermediateValuesInfo', () => {
  it('draws the curves of the reference history, pruned, failed and running ones included', () => {
    const { trials, distributions } = conditionalHistory();
    const info = intermediateValuesInfo(toCurves(trials), toView(trials, distributions), {
      ...options,
      bestNumbers: [25],
    });
    const counts = Object.fromEntries(info.groups.map(({ kind, curves }) => [kind, curves.length]));
    const reported = (state: string): number =>
      trials.filter((trial) => trial.state === state && (trial.intermediate?.length ?? 0) > 0)
        .length;
    expect(counts).toEqual({
      pruned: reported('pruned'),
      fail: reported('fail'),
      complete: reported('complete') - 1,
      running: 1,
      best: 1,
    });
    expect(info.band).toBeNull();
  });

  it('keeps best, selected and running curves in front of a band of all others', () => {
    const trials = Array.from({ length: 100 }, (_, number) =>
      line(number, [number, number + 1], number === 99 ? { state: 'running' } : {}),
    );
    const info = intermediateValuesInfo(toCurves(trials), toView(trials), {
      ...options,
      bestNumbers: [0],
      selectedNumbers: new Set([5]),
    });
    expect(info.groups.map(({ kind, curves }) => [kind, curves])).toEqual([
      ['running', [99]],
      ['selected', [5]],
      ['best', [0]],
    ]);
    expect(info.nInBand).toBe(97);
    expect(info.band?.counts[0]).toBe(97);
  });
});

describe('intermediateValuesModel with limits of a pruner', () => {
  it('draws each bound that there is in a line of one name', () => {
    const trials = [line(0, [4, 4, 4]), line(1, [1, 2, 3])];
    const model = (uppers: number[]): ReturnType<typeof intermediateValuesModel> =>
      intermediateValuesModel(
        toCurves(trials),
        toView(trials),
        {
          ...options,
          selectedNumbers: new Set([1]),
          namesSelected: true,
          thresholds: {
            name: 'Limit',
            steps: [0, 1, 2],
            lines: [
              { title: 'Low', values: [NaN, 0, 0] },
              { title: 'High', values: uppers },
            ],
          },
        },
        chartTheme,
      );
    const limits = (uppers: number[]): unknown =>
      (model(uppers).option.series as { name: string; data: unknown }[])
        .filter(({ name }) => name === 'Limit')
        .map(({ data }) => data);
    const lower = [
      [1, 0],
      [2, 0],
    ];
    expect(limits([NaN, NaN, 5])).toEqual([lower, [[2, 5]]]);
    expect(limits([NaN, NaN, NaN])).toEqual([lower]);
    const table = model([NaN, NaN, 5]).table();
    expect(table.columns.slice(4)).toEqual(['Low', 'High']);
    const cells = (column: number): unknown[] =>
      Array.from({ length: table.nRows }, (_, row) => table.cell(row, column));
    // The trial that it is about comes first.
    expect([cells(0), cells(3)]).toEqual([
      [1, 1, 1, 0, 0, 0],
      [1, 2, 3, 4, 4, 4],
    ]);
    expect([cells(4), cells(5)]).toEqual([
      [null, 0, 0, null, null, null],
      [null, null, 5, null, null, null],
    ]);
    expect(model([NaN, NaN, 5]).legend?.filter(({ name }) => name === 'Limit')).toHaveLength(1);
  });
});

describe('curveBand', () => {
  it('has the quantiles of the trials that reported at each step', () => {
    const trials = [
      line(0, [0, 10, 7]),
      line(1, [1, NaN]),
      line(2, [2, 20]),
      line(3, [3, 30]),
      line(4, [4, 40]),
    ];
    const band = curveBand(toCurves(trials), [0, 1, 2, 3, 4]);
    expect([...band.steps]).toEqual([0, 1, 2]);
    expect([...band.counts]).toEqual([5, 4, 1]);
    expect([...band.p50]).toEqual([2, 25, 7]);
    expect([...band.p25]).toEqual([1, 17.5, 7]);
    expect(band.p90[0]).toBeCloseTo(3.6, 12);
  });

  it('stays small when there are very many steps', () => {
    const trials = [
      line(
        0,
        Array.from({ length: 5000 }, (_, i) => i),
      ),
    ];
    const band = curveBand(toCurves(trials), [0]);
    expect(band.steps.length).toBeLessThanOrEqual(241);
    expect(band.steps.at(-1)).toBe(4999);
  });
});

describe('intermediateValuesModel', () => {
  it('finds the curve of any trial, also of one inside the band', () => {
    const trials = Array.from({ length: 100 }, (_, number) => line(number, [number, 2 * number]));
    const model = intermediateValuesModel(toCurves(trials), toView(trials), options, chartTheme);
    expect(model.layers).toEqual([]);
    expect(model.locate?.(7)).toMatchObject({
      x: Float64Array.of(0, 1),
      y: Float64Array.of(7, 14),
      trialNumbers: Int32Array.of(7, 7),
    });
    expect(model.locate?.(1000)).toBeNull();
    expect(model.table().nRows).toBe(200);
    expect([0, 1, 2, 3].map((column) => model.table().cell(3, column))).toEqual([
      1,
      'Complete',
      1,
      2,
    ]);
  });
});

it('draws a report that has no neighbour as a point', () => {
  const trials = [line(0, [5]), line(1, [1, 2, NaN, 4]), line(2, [7, 8]), line(3, [NaN])];
  const { option } = intermediateValuesModel(toCurves(trials), toView(trials), options, chartTheme);
  const points = option.series.filter(({ type }) => type === 'scatter');
  expect(points).toMatchObject([
    {
      name: option.series[0]?.name,
      data: [
        [0, 5],
        [3, 4],
      ],
    },
  ]);
});

describe('pickCurves and mergeCurves', () => {
  it('wants all trials that reported, and of too many an even sample with those that matter', () => {
    const trials = Array.from({ length: 1000 }, (_, number) =>
      line(number, number === 3 ? [] : [1], number === 998 ? { state: 'running' } : {}),
    );
    const all = pickCurves(toView(trials));
    expect(all.numbers).toHaveLength(999);
    const some = pickCurves(toView(trials), new Set([501]), 100);
    expect(some.numbers.length).toBeLessThan(110);
    expect([...some.numbers]).toEqual(expect.arrayContaining([501, 998]));
    expect(some.nLeftOut).toBe(999 - some.numbers.length);
  });

  it('replaces curves that grew and drops those that are gone', () => {
    const before = toCurves([line(0, [1, 2]), line(1, [3]), line(2, [5])]);
    const after = toCurves([line(1, [3, 4]), line(3, [6])]);
    const merged = mergeCurves(before, after, Int32Array.of(0, 1, 3));
    expect(merged).toEqual(toCurves([line(0, [1, 2]), line(1, [3, 4]), line(3, [6])]));
  });
});
