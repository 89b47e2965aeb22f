/** Runs once before the next repaint; where nothing is painted (tests), soon. @returns A function that calls it off. */
function onNextFrame(callback: () => void): () => void {
  if (typeof requestAnimationFrame === 'undefined') {
    const timer = setTimeout(callback, 0);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(callback);
  return () => cancelAnimationFrame(frame);
}

/** Calls `callback` at most once a frame, and not again before `intervalMs()` has passed. */
export function createThrottle(
  callback: () => void,
  intervalMs: () => number = () => 0,
): { request: () => void; cancel: () => void } {
  let cancelPending: (() => void) | null = null;
  let lastMs = -Infinity;
  const run = (): void => {
    cancelPending = null;
    lastMs = performance.now();
    callback();
  };
  return {
    request() {
      if (cancelPending) return;
      const waitMs = lastMs + intervalMs() - performance.now();
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
