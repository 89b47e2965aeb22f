/** Runs once before the next repaint; where nothing is painted (tests), soon. @returns A function that calls it off. */
function onNextFrame(callback: () => void): () => void {
  if (typeof requestAnimationFrame === 'undefined') {
    const timer = setTimeout(callback, 0);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(callback);
  return () => cancelAnimationFrame(frame);
}

/** Runs when the next repaint is done; never where nothing is painted. */
function afterNextPaint(callback: () => void): void {
  if (typeof requestAnimationFrame !== 'undefined')
    requestAnimationFrame(() => setTimeout(callback, 0));
}

/** However long something takes, it is not kept waiting longer than this for the sake of other things. */
const MAX_REST_MS = 2000;

/**
 * Calls `callback` at most once a frame, and not again before `intervalMs()` has passed. What comes by itself, and goes on coming, should have a
 * `maxShare` of the time for the call and what it has drawn: where the machine is slow or busy, the page has to hear people, too.
 */
export function createThrottle(
  callback: () => void,
  intervalMs: () => number = () => 0,
  maxShare = 1,
): { request: () => void; cancel: () => void } {
  let cancelPending: (() => void) | null = null;
  let lastMs = -Infinity;
  let takesMs = 0;
  const run = (): void => {
    cancelPending = null;
    const startMs = (lastMs = performance.now());
    callback();
    if (maxShare < 1) afterNextPaint(() => (takesMs = performance.now() - startMs));
  };
  return {
    request() {
      if (cancelPending) return;
      const restMs = Math.min(takesMs / maxShare, MAX_REST_MS);
      const waitMs = lastMs + Math.max(intervalMs(), restMs) - performance.now();
      if (waitMs <= 0) cancelPending = onNextFrame(run);
      else {
        const timer = setTimeout(() => (cancelPending = onNextFrame(run)), waitMs);
        cancelPending = () => clearTimeout(timer);
      }
    },
    cancel() {
      cancelPending?.();
      cancelPending = null;
    },
  };
}
