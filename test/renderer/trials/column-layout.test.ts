import { describe, expect, it } from 'vitest';

import {
  layOutColumns,
  moveColumn,
  resizeColumn,
  toggleHidden,
  togglePinned,
  type ColumnLayout,
} from '../../../src-renderer/trials/column-layout.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { createCategoricalDistribution } from '../../../src-main/tuner/distributions.ts';
import { conditionalHistory, toView } from '../helpers/trial-columns.ts';

const { trials, distributions } = conditionalHistory();
const fields = trialFields(toView(trials, distributions), null);
const ids = (layout: ColumnLayout): string[] =>
  layOutColumns(fields, layout).map(({ field }) => field.id);
const columnOf = (layout: ColumnLayout, id: string) =>
  layOutColumns(fields, layout).find(({ field }) => field.id === id)!;

describe('the columns of the trial table', () => {
  it('have room for what a parameter is chosen from, up to a point', () => {
    const widthWith = (choice: string): number => {
      const distribution = createCategoricalDistribution(['a', choice]);
      const view = toView([{ number: 0, params: { x: choice } }], { x: distribution });
      return (
        layOutColumns(trialFields(view, null), {}).find(({ field }) => field.title === 'x')
          ?.width ?? NaN
      );
    };
    expect(widthWith('b')).toBe(96);
    expect(widthWith('cosine annealing')).toBeGreaterThan(130);
    expect(widthWith('b'.repeat(200))).toBe(240);
  });

  it('are at first all fields in their order, number and state pinned, a few hidden', () => {
    expect(ids({})).toEqual(fields.map(({ id }) => id));
    const shown = layOutColumns(fields, {});
    expect(shown.filter(({ isPinned }) => isPinned).map(({ field }) => field.id)).toEqual([
      'number',
      'state',
    ]);
    expect(shown.filter(({ isHidden }) => isHidden).map(({ field }) => field.id)).toEqual([
      'completedAt',
      'lastValue',
    ]);
  });

  it('are moved to where another one is', () => {
    const layout = moveColumn(layOutColumns(fields, {}), {}, 'duration', 'value:0');
    expect(ids(layout).slice(0, 4)).toEqual(['number', 'state', 'duration', 'value:0']);
    const back = moveColumn(layOutColumns(fields, layout), layout, 'value:0', 'duration');
    expect(ids(back).slice(2, 4)).toEqual(['value:0', 'duration']);
    expect(moveColumn(layOutColumns(fields, {}), {}, 'gone', 'value:0')).toEqual({});
  });

  it('are pinned when they go among pinned ones', () => {
    const layout = moveColumn(layOutColumns(fields, {}), {}, 'value:0', 'state');
    expect(ids(layout).slice(0, 3)).toEqual(['number', 'value:0', 'state']);
    expect(columnOf(layout, 'value:0').isPinned).toBe(true);
    const out = moveColumn(layOutColumns(fields, layout), layout, 'number', 'duration');
    expect(columnOf(out, 'number').isPinned).toBe(false);
  });

  it('that come later stand where they stand at first', () => {
    const order = ids({}).filter((id) => id !== 'duration');
    expect(ids({ order })).toEqual(ids({}));
    expect(ids({ order: ['gone', 'value:0', 'number'] })[0]).toBe('number');
  });

  it('are hidden, pinned and resized each for itself', () => {
    let layout = toggleHidden(layOutColumns(fields, {}), {}, 'duration');
    layout = togglePinned(layOutColumns(fields, layout), layout, 'duration');
    layout = resizeColumn(layout, 'duration', 3);
    expect(columnOf(layout, 'duration')).toMatchObject({
      isHidden: true,
      isPinned: true,
      width: 48,
    });
    expect(columnOf(layout, 'completedAt').isHidden).toBe(true);
    expect(columnOf(resizeColumn(layout, 'duration', null), 'duration').width).toBe(
      columnOf({}, 'duration').width,
    );
  });
});
