import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import type { ChartModel } from '../../../src-renderer/charts/chart.ts';
import { contourModel } from '../../../src-renderer/charts/contour.ts';
import { createChart } from '../../../src-renderer/charts/echarts.ts';
import { edfInfo, edfModel } from '../../../src-renderer/charts/edf.ts';
import { hypervolumeModel } from '../../../src-renderer/charts/hypervolume.ts';
import { intermediateValuesModel } from '../../../src-renderer/charts/intermediate-values.ts';
import { optimizationHistoryModel } from '../../../src-renderer/charts/optimization-history.ts';
import { parallelModel } from '../../../src-renderer/charts/parallel-coordinates.ts';
import { paretoFrontModel } from '../../../src-renderer/charts/pareto-front.ts';
import { rankModel } from '../../../src-renderer/charts/rank.ts';
import { sliceModel, targetAxis } from '../../../src-renderer/charts/slice.ts';
import { timelineModel } from '../../../src-renderer/charts/timeline.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import type { TrialView } from '../../../src-renderer/trials/trial-view.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { paramOf, targetOf } from '../helpers/targets.ts';
import { toCurves, toView, type PlainTrial } from '../helpers/trial-columns.ts';

const distributions = {
  x: createFloatDistribution(-1, 1),
  rate: createFloatDistribution(1e-5, 0.1, { log: true }),
  n: createIntDistribution(1, 3),
  act: createCategoricalDistribution(['relu', null, true, 3, '<b>bold</b>']),
};
const choices = ['relu', null, true, 3, '<b>bold</b>'] as const;
const params = (i: number): NonNullable<PlainTrial['params']> => ({
  x: Math.sin(i),
  rate: 1e-5 * 10 ** (i % 5),
  // Conditional: only every other trial has it.
  ...(i % 2 === 0 ? { n: 1 + (i % 3) } : {}),
  act: choices[i % choices.length] as string,
});
const trial = (number: number, more: Partial<PlainTrial>): PlainTrial => ({
  number,
  params: params(number),
  startedAtMs: 1e12 + number * 1000,
  completedAtMs: 1e12 + number * 1000 + 500,
  ...more,
});
const values = (all: readonly number[]): PlainTrial[] =>
  all.map((value, i) =>
    trial(i, {
      values: [value, -value],
      intermediate: [
        [0, value / 2],
        [3, value],
      ],
    }),
  );
const twenty = Array.from({ length: 20 }, (_, i) => i / 7);

const studies: Record<string, PlainTrial[]> = {
  'no trial at all': [],
  'one trial': values([0.5]),
  'two trials that agree': values([0.5, 0.5]),
  'a running trial without anything': [{ number: 0, state: 'running', startedAtMs: 1e12 }],
  'only failed trials': twenty.map((_, i) => trial(i, { state: 'fail' })),
  'only pruned trials': twenty.map((value, i) =>
    trial(i, { state: 'pruned', values: [value], intermediate: [[0, value]] }),
  ),
  'waiting trials': [{ number: 0, state: 'waiting' }],
  infinities: values([...twenty, Infinity, -Infinity, 3]),
  'nothing but infinity': values([Infinity, Infinity, Infinity]),
  'reports that are NaN': twenty.map((value, i) =>
    trial(i, {
      values: [value],
      intermediate: [
        [0, NaN],
        [1, Infinity],
        [2, value],
      ],
    }),
  ),
  'one outlier of 1e20': values([...twenty, 1e20]),
  'the largest numbers there are': values([1.7e308, -1.7e308, 0, 5e-324]),
  'only infeasible trials': values(twenty).map((one) => ({ ...one, isFeasible: false })),
  zeros: values(twenty.map(() => 0)),
};

/** Every chart there is of a study. */
function chartsOf(
  view: TrialView,
  trials: readonly PlainTrial[],
  isLog: boolean,
): [string, ChartModel][] {
  const fields = trialFields(view, null);
  const target = targetOf(view);
  const direction = 'minimize';
  const directions = view.values.map(() => direction) as ('minimize' | 'maximize')[];
  const shared = { direction, valueTitle: 'Value', isLog } as const;
  const charts: [string, ChartModel][] = [
    ...(['number', 'started', 'completed', 'elapsed'] as const).map(
      (xAxis): [string, ChartModel] => [
        `history over ${xAxis}`,
        optimizationHistoryModel(view, { ...shared, xAxis }, chartTheme),
      ],
    ),
    [
      'history with outliers',
      optimizationHistoryModel(view, { ...shared, showsOutliers: true }, chartTheme),
    ],
    ['timeline', timelineModel(view, { nNewest: null, nowMs: 1e12 + 60_000 }, chartTheme)],
    [
      'edf',
      edfModel(
        [{ name: 's', color: '#000', ...edfInfo(view.values[0] ?? new Float64Array()) }],
        'Value',
        chartTheme,
      ),
    ],
    ['parallel', parallelModel(view, { fields, target }, chartTheme)],
    ['hypervolume', hypervolumeModel(view, { directions }, chartTheme)],
    [
      'curves',
      intermediateValuesModel(
        toCurves(trials),
        view,
        { valueTitle: 'Value', bestNumbers: [0], selectedNumbers: new Set([1]), isLog },
        chartTheme,
      ),
    ],
  ];
  if (view.values.length > 1)
    charts.push([
      'front',
      paretoFrontModel(
        view,
        { pairs: [{ x: 0, y: 1 }], titles: ['a', 'b'], directions, isLog: true },
        chartTheme,
      ),
    ]);
  for (const { name } of view.params) {
    const param = paramOf(view, name);
    const axis = targetAxis(view, target, isLog);
    charts.push([
      `slice of ${name}`,
      sliceModel(view, { param, target, isLog: axis.isLog, yRange: axis.range }, chartTheme),
    ]);
    for (const { name: other } of view.params) {
      const pair = { x: param, y: paramOf(view, other), target };
      charts.push([`contour of ${name}, ${other}`, contourModel(view, pair, chartTheme)]);
      charts.push([`rank of ${name}, ${other}`, rankModel(view, pair, chartTheme)]);
    }
  }
  return charts;
}

/** Anything that would make a chart stay empty, freeze or lie without a word. */
function problemsOf({ option, emptyText, summary, table }: ChartModel): string[] {
  const problems: string[] = [];
  if (summary === '' || /NaN|undefined/.test(summary)) problems.push(`summary: "${summary}"`);
  if (emptyText !== undefined) return problems;
  for (const axis of [...option.xAxis, ...option.yAxis]) {
    if (!(Number.isFinite(axis.min) && Number.isFinite(axis.max) && axis.min < axis.max))
      problems.push(`axis from ${axis.min} to ${axis.max}`);
    if (axis.type === 'log' && !(axis.min > 0)) problems.push(`log axis from ${axis.min}`);
  }
  for (const { name, data } of option.series as { name?: string; data?: unknown }[])
    if (
      Array.isArray(data) &&
      data.flat(2).some((value) => value === Infinity || value === -Infinity)
    )
      problems.push(`an infinity in ${name}`);
  const { columns, nRows, cell } = table();
  for (let row = 0; row < Math.min(nRows, 30); row++)
    columns.forEach((title, column) => {
      if (cell(row, column) === undefined) problems.push(`cell ${row} of ${title}`);
    });
  return problems;
}

describe.each(Object.entries(studies))('every chart of a study with %s', (_, trials) => {
  const view = toView(trials, distributions);
  it.each([false, true])('is drawable, or says why it is empty (log: %s)', (isLog) => {
    const charts = chartsOf(view, trials, isLog);
    const problems = charts.flatMap(([name, model]) =>
      problemsOf(model).map((problem) => `${name}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });
});

it('draws 200 parameters with names of 500 characters', () => {
  const names = Array.from({ length: 200 }, (_, i) => `${'deep/'.repeat(99)}${i}`);
  const many = Object.fromEntries(names.map((name) => [name, createFloatDistribution(0, 1)]));
  const trials = twenty.map((value, number) => ({
    number,
    values: [value],
    params: Object.fromEntries(names.map((name, i) => [name, ((number * 7 + i) % 20) / 20])),
  }));
  const view = toView(trials, many);
  const target = targetOf(view);
  const models = [
    parallelModel(view, { fields: trialFields(view, null), target }, chartTheme),
    sliceModel(
      view,
      {
        param: paramOf(view, names[199] as string),
        target,
        yRange: targetAxis(view, target, false).range,
      },
      chartTheme,
    ),
  ];
  expect(models.flatMap(problemsOf)).toEqual([]);
});

it('draws names that every object has, and leaves those objects as they were', () => {
  const names = ['__proto__', 'toString', 'constructor', 'valueOf', 'hasOwnProperty', 'x'];
  const distribution = createCategoricalDistribution(names);
  const trials = values(twenty).map((one, number) => ({
    ...one,
    params: Object.fromEntries(names.map((name) => [name, names[number % names.length] as string])),
  }));
  const view = toView(trials, Object.fromEntries(names.map((name) => [name, distribution])));
  expect(view.params.map(({ name }) => name).sort()).toEqual([...names].sort());
  for (const [name, { option }] of chartsOf(view, trials, false)) {
    const chart = createChart(null, { renderer: 'svg', ssr: true, width: 640, height: 400 });
    chart.setOption({ animation: false, ...option });
    const svg = chart.renderToSVGString();
    chart.dispose();
    if (name.startsWith('slice')) for (const choice of names) expect(svg).toContain(choice);
  }
  const inherited: string[] = [];
  for (const key in {}) inherited.push(key);
  expect(inherited).toEqual([]);
});

it('leaves room for points beside choices with names of 100 characters', () => {
  const long = ['a', 'b'].map((end) => `${'long'.repeat(25)}${end}`);
  const trials = values(twenty).map((one, number) => ({
    ...one,
    params: { x: long[number % 2] as string },
  }));
  const view = toView(trials, { x: createCategoricalDistribution(long) });
  for (const [name, { option }] of chartsOf(view, trials, false).filter(([name]) =>
    /slice|rank|contour/.test(name),
  )) {
    const chart = createChart(null, { renderer: 'svg', ssr: true, width: 640, height: 400 });
    chart.setOption({ animation: false, ...option });
    const svg = chart.renderToSVGString();
    chart.dispose();
    expect(svg, name).toMatch(/>longlong[a-z]*…[a-z]{6}[ab]</);
  }
});
