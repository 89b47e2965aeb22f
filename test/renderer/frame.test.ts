import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createThrottle } from '../../src-renderer/composables/frame.ts';

/** A machine on which a frame takes so long. */
const FRAME_MS = 100;

describe('createThrottle', () => {
  const calls: number[] = [];
  const note = (): void => void calls.push(performance.now());

  beforeEach(() => {
    calls.length = 0;
    vi.useFakeTimers({ now: 0 });
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) =>
      setTimeout(callback, FRAME_MS),
    );
    vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** When it is called, for as long as it is asked for without end. */
  function callsWithin(ms: number, throttle: ReturnType<typeof createThrottle>): number[] {
    const first = performance.now();
    for (let at = 0; at < ms; at += 10) {
      throttle.request();
      vi.advanceTimersByTime(10);
    }
    throttle.cancel();
    return calls.map((at) => at - first);
  }

  it('calls once a frame, and not again before the interval has passed', () => {
    expect(callsWithin(500, createThrottle(note))).toEqual([100, 200, 300, 400, 500]);
    calls.length = 0;
    expect(
      callsWithin(
        800,
        createThrottle(note, () => 250),
      ),
    ).toEqual([100, 450, 800]);
  });

  it('leaves the rest of the time to others, by how long the last drawing took', () => {
    const shared = createThrottle(note, undefined, 1 / 4);
    const gaps = callsWithin(3000, shared).map((at, i, all) => at - (all[i - 1] ?? 0));
    // How long it takes is known once it was drawn.
    const later = gaps.slice(3);
    expect(later.every((gap) => gap >= 4 * FRAME_MS && gap < 6 * FRAME_MS)).toBe(true);
    expect(later.length).toBeGreaterThan(2);
  });

  it('lets nothing wait for long, however long drawing takes', () => {
    const shared = createThrottle(note, undefined, 1 / 1000);
    const gaps = callsWithin(9000, shared).map((at, i, all) => at - (all[i - 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(3);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2000 + 2 * FRAME_MS);
  });

  it('does not call what was called off', () => {
    const throttle = createThrottle(note);
    throttle.request();
    throttle.cancel();
    vi.advanceTimersByTime(1000);
    expect(calls).toEqual([]);
    // Nor what waits for its turn.
    const slow = createThrottle(note, () => 500);
    slow.request();
    vi.advanceTimersByTime(FRAME_MS);
    slow.request();
    slow.cancel();
    vi.advanceTimersByTime(2000);
    expect(calls).toHaveLength(1);
  });
});
