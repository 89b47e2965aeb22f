import type {
  GridComponentOption,
  SeriesOption,
  XAXisComponentOption,
  YAXisComponentOption,
} from 'echarts';

import type { Filter } from '../trials/filter.ts';
import type { Range } from './scale.ts';

/** What a chart draws. Every axis has an explicit range, so that zoom is only another range. */
export interface ChartOption {
  readonly grid: readonly GridComponentOption[];
  /** Axis i belongs to grid i. */
  readonly xAxis: readonly AxisOption<XAXisComponentOption>[];
  readonly yAxis: readonly AxisOption<YAXisComponentOption>[];
  readonly series: readonly SeriesOption[];
}

export type AxisOption<Axis> = Axis & { min: number; max: number; type: 'value' | 'log' | 'time' };

/**
 * Points that can be pointed at, clicked and brushed. Several layers of a chart may hold the same trial: hovering it marks all of them.
 */
export interface PickLayer {
  readonly grid: number;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Of each point; null where points are not trials. */
  readonly trialNumbers: ArrayLike<number> | null;
  /** What a brushed rectangle filters by. */
  readonly xFieldId?: string;
  readonly yFieldId?: string;
  /** The filters of a brushed rectangle, where the axes alone do not say. */
  readonly brush?: (range: { x: Range; y: Range }) => readonly Filter[];
  /** The series these points are drawn by: hidden with it. */
  readonly seriesName?: string;
  /** The points of a trial are one curve, in order. */
  readonly isCurve?: boolean;
  /** What a point says; of a trial, besides what is told of every trial. */
  readonly label?: (index: number) => string;
}

export interface LegendItem {
  /** Name of the series it shows and hides: the same after every update. */
  readonly name: string;
  /** Where it is not the name. */
  readonly label?: string;
  readonly color: string;
  readonly shape: 'circle' | 'triangle' | 'cross' | 'ring' | 'diamond' | 'line' | 'band' | 'square';
}

/** The numbers behind a chart: its table view and its CSV. */
export interface ChartTable {
  readonly columns: readonly string[];
  readonly nRows: number;
  cell(row: number, column: number): string | number | null;
}

export interface ChartModel {
  readonly option: ChartOption;
  readonly layers: readonly PickLayer[];
  readonly legend: readonly LegendItem[];
  /** What the colours of the ramp go from and to. */
  readonly ramp?: { readonly title?: string; readonly from: string; readonly to: string };
  /** Made when it is asked for: it may be large. */
  readonly table: () => ChartTable;
  /** Points of a trial that no layer holds, so that it can be marked here when it is hovered elsewhere. */
  readonly locate?: (trialNumber: number) => PickLayer | null;
  /** Selected trials are drawn as such already: only the hovered one is marked. */
  readonly showsSelection?: boolean;
  /** The chart in a sentence, for those who do not see it. */
  readonly summary: string;
  /** Shown under the title: what is left out, and why. */
  readonly note?: string;
  /** Why there is nothing to draw; then nothing is drawn. */
  readonly emptyText?: string;
}

/** A point of a layer. */
export interface Hit {
  readonly layer: PickLayer;
  readonly index: number;
}

export function trialNumberOf({ layer, index }: Hit): number | null {
  return layer.trialNumbers?.[index] ?? null;
}

/** A table of columns. */
export function columnsTable(
  columns: readonly { title: string; values: ArrayLike<string | number | null> }[],
): ChartTable {
  return {
    columns: columns.map(({ title }) => title),
    nRows: columns[0]?.values.length ?? 0,
    cell: (row, column) => columns[column]?.values[row] ?? null,
  };
}

/** RFC 4180. */
export function tableToCsv(table: ChartTable): string {
  const quote = (value: string | number | null): string => {
    if (value === null || (typeof value === 'number' && Number.isNaN(value))) return '';
    const cell = String(value);
    return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  };
  const lines = [table.columns.map(quote).join(',')];
  for (let row = 0; row < table.nRows; row++)
    lines.push(table.columns.map((_, column) => quote(table.cell(row, column))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** A chart that says why it has nothing to show. */
export function emptyModel(emptyText: string): ChartModel {
  return {
    option: { grid: [], xAxis: [], yAxis: [], series: [] },
    layers: [],
    legend: [],
    table: () => columnsTable([]),
    summary: emptyText,
    emptyText,
  };
}
