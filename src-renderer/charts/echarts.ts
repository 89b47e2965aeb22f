/** ECharts with what the charts here use, and nothing else. */
import { CustomChart, LineChart, LinesChart, ScatterChart } from 'echarts/charts';
import { GraphicComponent, GridComponent } from 'echarts/components';
import { init, use, type EChartsInitOpts, type EChartsType } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { mendSmallSteps } from './small-steps.ts';
import { mendTextCache } from './text-cache.ts';

const parts = [
  CustomChart,
  LineChart,
  LinesChart,
  ScatterChart,
  GraphicComponent,
  GridComponent,
  CanvasRenderer,
  SVGRenderer,
];

/** @param host Null to draw without a document, into a string. */
export function createChart(host: HTMLElement | null, options: EChartsInitOpts): EChartsType {
  mendTextCache();
  mendSmallSteps();
  // Registering again is harmless, and at the top of the file a bundler may drop it as a side effect.
  use(parts);
  return init(host, null, options);
}

export type { EChartsType };
