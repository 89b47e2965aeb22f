import { trialStates, type TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import type { ReadToken } from '../styles/tokens.ts';

export interface ChartTheme {
  readonly fontFamily: string;
  readonly text: string;
  readonly text2: string;
  readonly text3: string;
  readonly surface: string;
  readonly gridLine: string;
  readonly axisLine: string;
  readonly accent: string;
  readonly states: Readonly<Record<TrialState, string>>;
  readonly infeasible: string;
  /** Best-so-far lines and what belongs to the best trial. */
  readonly best: string;
  /** Points that a filter leaves out. */
  readonly faded: string;
  /** To tell a few things apart that have no colour of their own. */
  readonly series: readonly string[];
  /** From worse to better. */
  readonly ramp: readonly [string, string, string];
}

export function createChartTheme(token: ReadToken): ChartTheme {
  return {
    // Double quotes would end the attribute that an SVG writes it into.
    fontFamily: token('font-body').replaceAll('"', "'"),
    text: token('color-text'),
    text2: token('color-text-2'),
    text3: token('color-text-3'),
    surface: token('color-surface'),
    gridLine: token('chart-grid'),
    axisLine: token('chart-axis'),
    accent: token('color-accent'),
    states: Object.fromEntries(
      trialStates.map((state) => [state, token(`color-${state}`)]),
    ) as Record<TrialState, string>,
    infeasible: token('color-infeasible'),
    best: token('color-best'),
    faded: token('color-faded'),
    series: [1, 2, 3, 4, 5, 6].map((i) => token(`series-${i}`)),
    ramp: [token('chart-low'), token('chart-mid'), token('chart-high')],
  };
}

/** The colour at `share` of the ramp (0 to 1), as #rrggbb. */
export function rampColor(ramp: readonly [string, string, string], share: number): string {
  const [low, middle, high] = ramp;
  const at = Math.min(1, Math.max(0, share)) * 2;
  return at <= 1 ? mixColors(low, middle, at) : mixColors(middle, high, at - 1);
}

/** Between two #rrggbb colours. */
export function mixColors(a: string, b: string, share: number): string {
  const channel = (start: number): string => {
    const from = Number.parseInt(a.slice(start, start + 2), 16);
    const to = Number.parseInt(b.slice(start, start + 2), 16);
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
