import type { ParamColumn } from '../../src-main/contract/trials.ts';
import { text } from '../text.ts';
import { paramFieldId } from '../trials/fields.ts';
import { stateOf, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption } from './chart.ts';
import { paramAxis, paramPlaces, type ParamAxis } from './param-axis.ts';
import {
  countPoints,
  groupLayers,
  groupLegend,
  groupPoints,
  groupSeries,
  shadeRamp,
  type PointGroup,
} from './point-groups.ts';
import { extentOf, paddedRange, robustExtent, type Range } from './scale.ts';
import type { Target } from './target.ts';
import type { ChartTheme } from './theme.ts';

export interface SliceOptions {
  readonly param: ParamColumn;
  readonly target: Target;
  readonly isLog?: boolean;
  /** The same for all slices of a target. */
  readonly yRange: Range;
  readonly mask?: Uint8Array | null;
  readonly isCompact?: boolean;
  /** Later trials are darker (in the dark, lighter). */
  readonly isShaded?: boolean;
}

export interface SliceInfo {
  readonly axis: ParamAxis;
  readonly groups: readonly PointGroup[];
  /** Trials with a target value that do not have the parameter: it did not exist for them. */
  readonly nWithout: number;
}

export function sliceInfo(
  view: TrialView,
  { param, target, mask = null }: Pick<SliceOptions, 'param' | 'target' | 'mask'>,
): SliceInfo {
  const axis = paramAxis(param, { isSpread: true });
  const groups = groupPoints(view, mask, paramPlaces(param, { isSpread: true }), target.at);
  let nWithout = 0;
  for (let row = 0; row < view.nTrials; row++)
    if (Number.isNaN(param.values[row] ?? NaN) && !Number.isNaN(target.at(row))) nWithout++;
  return { axis, groups, nWithout };
}

export interface TargetAxis {
  /** Whether a trial has one. */
  readonly hasValues: boolean;
  /** Whether all values are above 0. */
  readonly canBeLog: boolean;
  readonly isLog: boolean;
  /** Without outliers. */
  readonly range: Range;
}

/** The axis of a target over all trials. `wantsLog`: logarithmic, where the values allow it. */
export function targetAxis(view: TrialView, target: Target, wantsLog: boolean): TargetAxis {
  const values = new Float64Array(view.nTrials);
  for (let row = 0; row < view.nTrials; row++) values[row] = target.at(row);
  const full = extentOf([values]);
  const canBeLog = full !== null && full[0] > 0;
  const isLog = wantsLog && canBeLog;
  const extent = isLog ? full : robustExtent(values).extent;
  return { hasValues: full !== null, canBeLog, isLog, range: paddedRange(extent, isLog, 0.06) };
}

function sliceOption(
  { axis, groups }: SliceInfo,
  { target, yRange, isLog = false, isCompact = false, isShaded = false }: SliceOptions,
  theme: ChartTheme,
): ChartOption {
  return {
    grid: [fullGrid(isCompact ? { left: 50, right: 10, top: 8, bottom: 26 } : {})],
    xAxis: [
      xAxis(
        {
          title: isCompact ? '' : axis.name,
          range: axis.range,
          isLog: axis.isLog,
          logBase: axis.logBase,
          categories: axis.categories,
          isInteger: axis.isInteger,
        },
        theme,
      ),
    ],
    yAxis: [yAxis({ title: isCompact ? '' : target.title, range: yRange, isLog }, theme)],
    series: groupSeries(groups, theme, {
      isLogX: axis.isLog,
      isLogY: isLog,
      isShaded,
    }) as unknown as ChartOption['series'],
  };
}

export function sliceModel(
  view: TrialView,
  options: SliceOptions,
  theme: ChartTheme,
  info = sliceInfo(view, options),
): ChartModel {
  const { groups, nWithout } = info;
  const { param, target } = options;
  return {
    option: sliceOption(info, options, theme),
    layers: groupLayers(groups, {
      grid: 0,
      xFieldId: paramFieldId(param.name),
      yFieldId: target.fieldId,
    }),
    legend: groupLegend(groups, theme),
    ramp: options.isShaded ? shadeRamp(groups) : undefined,
    table: () => sliceTable(view, info, options),
    summary: text.charts.sliceSummary(countPoints(groups), param.name, target.title),
    note: nWithout > 0 ? text.charts.without(nWithout) : undefined,
    emptyText: groups.length === 0 ? text.charts.noValues : undefined,
  };
}

function sliceTable(view: TrialView, { axis, groups }: SliceInfo, { param, target }: SliceOptions) {
  const rows = groups.flatMap((group) => [...group.rows]).sort((a, b) => a - b);
  return columnsTable([
    { title: text.fields.number, values: rows.map((row) => view.numbers[row] as number) },
    { title: text.fields.state, values: rows.map((row) => text.states[stateOf(view, row)]) },
    {
      title: param.name,
      values: rows.map((row) => {
        const value = param.values[row] as number;
        return axis.categories?.[value] ?? value;
      }),
    },
    { title: target.title, values: rows.map((row) => target.at(row)) },
  ]);
}
