import { vi } from 'vitest';

/** Until the check passes; the default of `vi.waitFor`, a second, is short for a busy machine. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: 50 });
}
