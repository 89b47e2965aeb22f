import { describe, expect, it } from 'vitest';

import { createDispatcher } from '../../../src-renderer/work/dispatcher.ts';
import type { WorkerAnswer } from '../../../src-renderer/work/messages.ts';
import { createShownTrials, type Look } from '../../../src-renderer/work/shown-trials.ts';
import { reportsAt } from '../../../src-renderer/trials/curves.ts';
import { runWork, type WorkArgs, type WorkName } from '../../../src-renderer/work/works.ts';
import { conditionalHistory, toCurves, toTrialColumns, toView } from '../helpers/trial-columns.ts';

const pair = { x: 'learning_rate', y: 'hidden_dim_layer_2', target: 'value:0' };
const every: { readonly [Name in WorkName]: WorkArgs<Name> } = {
  best: null,
  filter: null,
  order: { sorts: [{ fieldId: 'value:0', isDescending: true }] },
  choices: { fieldId: 'state' },
  history: {
    direction: 'maximize',
    valueTitle: 'Value at step 3',
    reports: reportsAt(toCurves(conditionalHistory().trials), 3),
  },
  paretoFront: { pairs: [{ x: 0, y: 0 }], titles: ['Value'], directions: ['maximize'] },
  hypervolume: { directions: ['maximize'] },
  timeline: { nNewest: 20, nowMs: 0, colorFieldId: 'value:0' },
  curves: {
    curves: toCurves(conditionalHistory().trials),
    options: { valueTitle: 'Value', bestNumbers: [4], selectedNumbers: new Set([7]), maxLines: 5 },
    isFiltered: true,
  },
  axis: { target: 'duration', wantsLog: true },
  slice: { param: pair.x, target: pair.target },
  parallel: { fieldIds: ['value:0', 'param:learning_rate'], target: pair.target, isLog: false },
  presence: null,
  contour: pair,
  rank: pair,
  edf: { target: pair.target },
};

const { trials, distributions } = conditionalHistory();
const look: Look = {
  annotations: { hidden: [], tags: {}, notes: {} },
  showsHidden: false,
  metricNames: null,
  directions: ['maximize'],
  filters: [{ kind: 'range', fieldId: 'number', min: 3, max: Infinity }],
};

describe.each(Object.keys(every) as WorkName[])('work %s', (name) => {
  it('crosses to the worker and back, as often as it is asked for', () => {
    const answers: WorkerAnswer[] = [];
    const dispatch = createDispatcher((answer, transfer) =>
      answers.push(structuredClone(answer, { transfer })),
    );
    dispatch({ kind: 'change', change: toTrialColumns(trials, distributions) });
    dispatch({ kind: 'look', look });
    for (const id of [1, 2])
      dispatch({ kind: 'work', id, name, args: structuredClone(every[name]) });
    const view = toView(trials, distributions);
    const value = runWork(name, createShownTrials(view, view, look), every[name] as never);
    expect(answers).toEqual([
      { id: 1, value },
      { id: 2, value },
    ]);
  });
});

it('has the axis of the target logarithmic in parallel coordinates, and no other', () => {
  const view = toView(trials, distributions);
  const axesOf = (isLog: boolean) =>
    runWork('parallel', createShownTrials(view, view, look), {
      fieldIds: ['value:0', 'param:dropout_rate'],
      target: 'value:0',
      isLog,
    }).axes.map((axis) => axis.isLog);
  expect(axesOf(true)).toEqual([true, false]);
  expect(axesOf(false)).toEqual([false, false]);
});
