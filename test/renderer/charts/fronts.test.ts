import { describe, expect, it } from 'vitest';

import { frontsModel } from '../../../src-renderer/charts/fronts.ts';
import { chartTheme } from '../helpers/chart-theme.ts';

describe('frontsModel', () => {
  const curve = {
    name: 'a',
    color: '#000',
    numbers: Int32Array.of(4, 2),
    x: Float64Array.of(1, 2),
    y: Float64Array.of(5, 3),
  };
  const titles = ['loss', 'size'] as const;

  it('tells which trial of which study a point is', () => {
    const model = frontsModel(
      [curve],
      { titles, directions: ['minimize', 'minimize'] },
      chartTheme,
    );
    expect(model.layers[0]?.label?.(1)).toBe('a, trial 2\nloss 2\nsize 3');
    const table = model.table();
    expect([0, 1, 2, 3].map((column) => table.cell(0, column))).toEqual(['a', 4, 1, 5]);
  });

  it('steps through the corners where both values are worse, and only with two objectives', () => {
    const stepOf = (directions: readonly ('minimize' | 'maximize')[]): unknown =>
      (
        frontsModel([curve], { titles, directions }, chartTheme).option.series[0] as {
          step?: string;
        }
      ).step;
    expect(stepOf(['minimize', 'minimize'])).toBe('end');
    expect(stepOf(['maximize', 'minimize'])).toBe('start');
    expect(stepOf(['minimize', 'minimize', 'minimize'])).toBeUndefined();
  });

  it('says when there is nothing', () => {
    const empty = {
      ...curve,
      numbers: new Int32Array(),
      x: new Float64Array(),
      y: new Float64Array(),
    };
    const { emptyText } = frontsModel(
      [empty],
      { titles, directions: ['minimize', 'minimize'] },
      chartTheme,
    );
    expect(emptyText).toBeDefined();
  });
});
