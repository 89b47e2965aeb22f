import { vi } from 'vitest';

/** How long a test waits for what is sure to come: enough for a machine that is slow, and busy with other things. */
export const PATIENCE_MS = 120_000;

/** Until the check passes. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 50 });
}
