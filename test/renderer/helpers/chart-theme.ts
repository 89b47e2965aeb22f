import type { ChartTheme } from '../../../src-renderer/charts/theme.ts';

export const chartTheme: ChartTheme = {
  fontFamily: 'Inter',
  text: '#111111',
  text2: '#333333',
  text3: '#555555',
  surface: '#ffffff',
  gridLine: '#eeeeee',
  axisLine: '#aaaaaa',
  accent: '#4450c8',
  states: {
    running: '#08805f',
    complete: '#1f6fbf',
    pruned: '#b66700',
    fail: '#c02b66',
    waiting: '#6b7585',
  },
  infeasible: '#7b8494',
  best: '#1a1e26',
  faded: '#c9ced7',
  series: ['#1f6fbf', '#b66700', '#08805f', '#a3348f', '#5a5fd6', '#6b5a2b'],
  ramp: ['#000000', '#808080', '#ffffff'],
};
