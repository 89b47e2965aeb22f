import type { ChartModel, ChartOption, LegendItem } from './chart.ts';
import { rampColor, type ChartTheme } from './theme.ts';

/** Pixels above the chart, for its title and legend. */
export const EXPORT_HEAD = 46;

interface Head {
  readonly title: string;
  readonly legend: readonly LegendItem[];
  readonly ramp?: ChartModel['ramp'];
}

const LEGEND_Y = 34;
/** Of 11 pixel text, good enough to lay out a legend. */
const CHARACTER_WIDTH = 6.2;

/** A chart as an image that stands alone: with its title and legend, nothing drawn in chunks. */
export function exportOption(
  option: ChartOption,
  head: Head,
  theme: ChartTheme,
): Record<string, unknown> {
  return {
    backgroundColor: theme.surface,
    animation: false,
    ...option,
    grid: option.grid.map((grid) => ({
      ...grid,
      top: (typeof grid.top === 'number' ? grid.top : 0) + EXPORT_HEAD,
    })),
    series: option.series.map((series) => ({ ...series, progressive: 0 })),
    graphic: [
      label(head.title, 16, 14, theme, { fill: theme.text, font: `600 13px ${theme.fontFamily}` }),
      ...legendGraphics(head, theme),
    ],
  };
}

function legendGraphics({ legend, ramp }: Head, theme: ChartTheme): object[] {
  let x = 16;
  const graphics = legend.flatMap((item) => {
    const at = x;
    const name = item.label ?? item.name;
    x += 24 + name.length * CHARACTER_WIDTH + 10;
    return [glyph(item, at, theme), label(name, at + 18, LEGEND_Y, theme)];
  });
  if (!ramp) return graphics;
  const fromText = [ramp.title, ramp.from].filter(Boolean).join(' ');
  const from = label(fromText, x, LEGEND_Y, theme);
  const start = x + fromText.length * CHARACTER_WIDTH + 6;
  const steps = Array.from({ length: 24 }, (_, i) => ({
    type: 'rect',
    silent: true,
    shape: { x: start + i * 3.5, y: LEGEND_Y - 4, width: 3.7, height: 8 },
    style: { fill: rampColor(theme.ramp, i / 23) },
  }));
  return [...graphics, from, ...steps, label(ramp.to, start + 24 * 3.5 + 6, LEGEND_Y, theme)];
}

function label(text: string, x: number, y: number, theme: ChartTheme, style: object = {}): object {
  return {
    type: 'text',
    silent: true,
    x,
    y,
    style: {
      text,
      fill: theme.text2,
      font: `11px ${theme.fontFamily}`,
      verticalAlign: 'middle',
      ...style,
    },
  };
}

function glyph({ shape, color }: LegendItem, x: number, { surface }: ChartTheme): object {
  const [cx, cy] = [x + 6, LEGEND_Y];
  const drawn = (type: string, geometry: object, style: object = { fill: color }): object => ({
    type,
    silent: true,
    shape: geometry,
    style,
  });
  const outline = { fill: surface, stroke: color, lineWidth: 1.75 };
  if (shape === 'circle') return drawn('circle', { cx, cy, r: 4 });
  if (shape === 'ring') return drawn('circle', { cx, cy, r: 3.5 }, outline);
  if (shape === 'square' || shape === 'band')
    return drawn(
      'rect',
      { x: cx - 4, y: cy - 4, width: 8, height: 8 },
      { fill: color, opacity: shape === 'band' ? 0.45 : 1 },
    );
  if (shape === 'line')
    return drawn(
      'line',
      { x1: cx - 6, y1: cy, x2: cx + 6, y2: cy },
      { stroke: color, lineWidth: 2 },
    );
  if (shape === 'cross')
    return drawn(
      'polyline',
      {
        points: [
          [cx - 4, cy - 4],
          [cx + 4, cy + 4],
          [cx, cy],
          [cx - 4, cy + 4],
          [cx + 4, cy - 4],
        ],
      },
      { stroke: color, lineWidth: 2, fill: 'none' },
    );
  if (shape === 'diamond')
    return drawn(
      'polygon',
      {
        points: [
          [cx, cy - 5],
          [cx + 5, cy],
          [cx, cy + 5],
          [cx - 5, cy],
        ],
      },
      outline,
    );
  return drawn('polygon', {
    points: [
      [cx - 5, cy - 4],
      [cx + 5, cy - 4],
      [cx, cy + 5],
    ],
  });
}
