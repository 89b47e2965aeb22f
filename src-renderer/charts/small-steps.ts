import Path from 'zrender/lib/graphic/Path.js';

let isMended = false;

/** ECharts leaves out corners of lines that are less than 2 px from the one before, which makes slopes of small steps: of a best value, a front, a distribution. */
export function mendSmallSteps(): void {
  if (isMended) return;
  isMended = true;
  Object.defineProperty(Path.prototype, 'segmentIgnoreThreshold', { get: () => 0, set: () => {} });
}
