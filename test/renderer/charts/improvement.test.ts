import { describe, expect, it } from 'vitest';

import type { ImprovementHistory } from '../../../src-main/tuner/terminators/improvement-history.ts';
import { tableToCsv } from '../../../src-renderer/charts/chart.ts';
import { canImprovementBeLog, improvementModel } from '../../../src-renderer/charts/improvement.ts';
import { chartTheme } from '../helpers/chart-theme.ts';

const result: ImprovementHistory = {
  trialNumbers: Int32Array.of(0, 2, 3, 5, 6),
  improvements: Float64Array.of(Infinity, 50, 3, 2, 0.5),
  errors: Float64Array.of(-Infinity, -Infinity, 1, 1, 1),
  endsAfter: 6,
  canEndAfter: 3,
  nComplete: 5,
};
const options = { ruleTitle: 'Regret bound', isLog: false };

describe('improvementModel', () => {
  it('draws improvement and error, lighter up to the trial from which on the rule can end the study', () => {
    const { option, layers, legend, note } = improvementModel(result, options, chartTheme);
    const drawn = option.series.map(({ data }) => data as number[][]);
    expect(drawn[0]).toEqual([
      [0, NaN],
      [2, 50],
      [3, 3],
    ]);
    expect(drawn[1]).toEqual([
      [3, 3],
      [5, 2],
      [6, 0.5],
    ]);
    expect(drawn[3]?.map(([x]) => x)).toEqual([6, 6]);
    // The first estimates are far off.
    expect(option.yAxis[0]?.max).toBeLessThan(4);
    expect(Array.from(layers[0]?.trialNumbers ?? [])).toEqual([0, 2, 3, 5, 6]);
    expect(layers[0]?.label?.(4)).toBe('Improvement: 0.5');
    expect(layers[1]?.label?.(4)).toBe('Not worth the wait: 1');
    expect(legend.map(({ name }) => name)).toEqual([
      'Improvement',
      'Not worth the wait',
      'Would have ended',
    ]);
    expect(note).toBe('Regret bound would have ended the study after trial 6.');
  });

  it('leaves empty in its table what could not be told', () => {
    const { table } = improvementModel(result, options, chartTheme);
    expect(tableToCsv(table())).toBe(
      'Trial,Improvement,Not worth the wait\r\n0,,\r\n2,50,\r\n3,3,1\r\n5,2,1\r\n6,0.5,1\r\n',
    );
  });

  it('says how many trials were picked, and that the end may have come before', () => {
    const { note } = improvementModel({ ...result, nComplete: 900 }, options, chartTheme);
    expect(note).toBe(
      'Regret bound would have ended the study by trial 6. After 5 of 900 complete trials, evenly spread.',
    );
    const goesOn = { ...result, endsAfter: null, canEndAfter: null };
    const model = improvementModel(goesOn, options, chartTheme);
    expect(model.note).toBe('Regret bound would go on.');
    expect(model.option.series[1]?.data).toEqual([]);
    expect(model.option.yAxis[0]?.max).toBeGreaterThan(50);
  });

  it('says why there is nothing to draw, and the way out', () => {
    const none = { ...result, trialNumbers: new Int32Array(), improvements: new Float64Array() };
    expect(improvementModel(none, options, chartTheme).emptyText).toMatch(/complete trials/);
    const untold = { ...result, improvements: new Float64Array(5).fill(Infinity) };
    expect(improvementModel(untold, options, chartTheme).emptyText).toMatch(/No improvement/);
  });

  it('can be logarithmic where all is above 0', () => {
    expect(canImprovementBeLog(result)).toBe(true);
    const improvements = Float64Array.of(3, 2, 1, 0, -1);
    expect(canImprovementBeLog({ ...result, improvements })).toBe(false);
  });
});
