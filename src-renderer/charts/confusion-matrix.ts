import type { ClassificationReport } from '../../src-main/contract/evaluation.ts';
import { formatCount } from '../format.ts';
import { text } from '../text.ts';
import { xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel } from './chart.ts';
import { mixColors, type ChartTheme } from './theme.ts';

export interface ConfusionCell {
  readonly actual: number;
  readonly answer: number;
  readonly nRows: number;
  /** Of the rows of the class. */
  readonly share: number;
}

export function confusionCells({
  confusion,
}: Pick<ClassificationReport, 'confusion'>): ConfusionCell[] {
  return confusion.flatMap((counts, actual) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((nRows, answer) => ({
      actual,
      answer,
      nRows,
      share: total === 0 ? 0 : nRows / total,
    }));
  });
}

/** Labels are left out where cells become too small for them. */
const MIN_LABEL_PX = 15;

/** Rows of each class by the answer given; darker: a larger share of the class. */
export function confusionModel(report: ClassificationReport, theme: ChartTheme): ChartModel {
  const names = report.classes.map(({ name }) => name);
  const cells = confusionCells(report);
  const n = names.length;
  const place = (actual: number): number => n - 1 - actual;
  const longest = Math.max(...names.map(({ length }) => length));
  return {
    option: {
      grid: [{ left: Math.min(150, 26 + longest * 6.6), right: 16, top: 28, bottom: 46 }],
      xAxis: [
        xAxis({ title: text.model.answer, range: [-0.5, n - 0.5], categories: names }, theme),
      ],
      yAxis: [
        yAxis(
          {
            title: text.model.actualClass,
            range: [-0.5, n - 0.5],
            categories: [...names].reverse(),
            isBare: true,
          },
          theme,
        ),
      ],
      series: [cellSeries(cells, place, theme)] as unknown as ChartModel['option']['series'],
    },
    layers: [
      {
        grid: 0,
        x: cells.map(({ answer }) => answer),
        y: cells.map(({ actual }) => place(actual)),
        trialNumbers: null,
        label: (i) => {
          const { actual = 0, answer = 0, nRows = 0 } = cells[i] ?? {};
          return text.model.confusionPoint(nRows, names[actual] ?? '', names[answer] ?? '');
        },
      },
    ],
    legend: [],
    table: () =>
      columnsTable([
        { title: text.model.actualClass, values: names },
        ...names.map((title, answer) => ({
          title,
          values: report.confusion.map((counts) => counts[answer] ?? 0),
        })),
      ]),
    summary: text.model.confusionSummary(report.nRows),
  };
}

function cellSeries(
  cells: readonly ConfusionCell[],
  place: (actual: number) => number,
  theme: ChartTheme,
): object {
  return {
    type: 'custom',
    data: cells.map((_, i) => i),
    silent: true,
    animation: false,
    clip: true,
    renderItem(
      { dataIndex }: { dataIndex: number },
      api: { coord(point: number[]): number[]; size(span: number[]): number[] },
    ) {
      const { actual, answer, nRows, share } = cells[dataIndex] as ConfusionCell;
      const [x = 0, y = 0] = api.coord([answer, place(actual)]);
      const [width = 0, height = 0] = api.size([1, 1]);
      const color = actual === answer ? theme.states.complete : theme.states.fail;
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: {
              x: x - width / 2 + 1,
              y: y - height / 2 + 1,
              width: Math.max(1, width - 2),
              height: Math.max(1, height - 2),
              r: 3,
            },
            style: {
              fill: mixColors(theme.surface, color, nRows === 0 ? 0.04 : 0.12 + 0.4 * share),
            },
          },
          ...(Math.min(width, height) < MIN_LABEL_PX
            ? []
            : [
                {
                  type: 'text',
                  x,
                  y,
                  style: {
                    text: formatCount(nRows),
                    fill: nRows === 0 ? theme.text3 : theme.text,
                    font: `12px ${theme.fontFamily}`,
                    align: 'center',
                    verticalAlign: 'middle',
                  },
                },
              ]),
        ],
      };
    },
  };
}
