import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref, shallowRef, watch } from 'vue';

import { useKeptHeight } from '../../../src-renderer/composables/useKeptHeight.ts';

/** Told by hand that a size has changed. */
class Observer {
  static last: Observer;
  readonly observe = vi.fn();
  readonly disconnect = vi.fn();
  readonly tell: () => void;
  constructor(tell: () => void) {
    this.tell = tell;
    Observer.last = this;
  }
}

beforeEach(() => vi.stubGlobal('ResizeObserver', Observer));
afterEach(() => vi.unstubAllGlobals());

/** An element whose content takes so much at a width. */
function start() {
  const content = { width: 900, height: 58 };
  const element = {
    get offsetWidth() {
      return content.width;
    },
    get offsetHeight(): number {
      return Math.max(content.height, leastHeight);
    },
  } as HTMLElement;
  const isKept = ref(false);
  const scope = effectScope();
  const kept = scope.run(() => useKeptHeight(shallowRef(element), () => isKept.value))!;
  // Styles change when the page is drawn anew.
  let leastHeight = 0;
  scope.run(() => watch(kept, (now) => (leastHeight = now), { flush: 'post' }));
  expect(Observer.last.observe).toHaveBeenCalledExactlyOnceWith(element);
  const resize = async (change: Partial<typeof content>): Promise<void> => {
    Object.assign(content, change);
    Observer.last.tell();
    await nextTick();
  };
  return { isKept, scope, kept, resize };
}

describe('useKeptHeight', () => {
  it('keeps the largest height there was, as long as it is asked to', async () => {
    const { isKept, kept, resize } = start();
    await resize({ height: 110 });
    await resize({ height: 58 });
    expect(kept.value).toBe(0);
    isKept.value = true;
    await nextTick();
    expect(kept.value).toBe(58);
    await resize({ height: 110 });
    await resize({ height: 58 });
    expect(kept.value).toBe(110);
    // Also of two that come before anything is drawn.
    void resize({ height: 120 });
    await resize({ height: 58 });
    expect(kept.value).toBe(120);
    isKept.value = false;
    await nextTick();
    expect(kept.value).toBe(0);
  });

  it('begins anew at another width, and keeps what is needed there', async () => {
    const { isKept, kept, resize } = start();
    isKept.value = true;
    await resize({ height: 110 });
    await resize({ width: 1400, height: 58 });
    expect(kept.value).toBe(58);
    await resize({ width: 800, height: 110 });
    expect(kept.value).toBe(110);
    await resize({ height: 58 });
    expect(kept.value).toBe(110);
  });

  it('looks no longer at what is gone', () => {
    const { scope } = start();
    Observer.last.disconnect.mockClear();
    scope.stop();
    expect(Observer.last.disconnect).toHaveBeenCalledOnce();
  });
});
