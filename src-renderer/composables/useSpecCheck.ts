import { shallowRef, type ShallowRef } from 'vue';

import type { SpecCheck, SpecData } from '../../src-main/contract/specs.ts';
import { text } from '../text.ts';
import { hasCode, toShownError, type ShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';
import type { UseTableReadingsReturn } from './useTableReadings.ts';

/** What is checked: a spec, and the file that its study is to be in. */
export interface SpecQuestion {
  readonly table: string;
  readonly asked: { readonly spec: SpecData; readonly storageId?: string };
}

export interface UseSpecCheckReturn {
  /** What was said of the spec that was checked last. */
  readonly check: ShallowRef<SpecCheck | null>;
  /** @returns What the spec of this moment is; null where it could not be told, or is another one meanwhile. */
  readonly run: () => Promise<SpecCheck | null>;
  /** The same when typing rests. */
  readonly runSoon: () => void;
  /** Forgets what was said, and what is being checked. */
  readonly reset: () => void;
}

/** Typing is checked when it rests. */
const CHECK_DELAY_MS = 150;

/**
 * Asks the main side what is wrong with a spec; the last question counts.
 *
 * @param question null while there is no table.
 * @param error Where it is said that a spec could not be checked.
 */
export function useSpecCheck(
  question: () => SpecQuestion | null,
  follow: UseTableReadingsReturn['follow'],
  error: ShallowRef<ShownError | null>,
): UseSpecCheckReturn {
  const channel = useChannel();
  const check = shallowRef<SpecCheck | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let checking: AbortController | null = null;

  async function run(): Promise<SpecCheck | null> {
    clearTimeout(timer);
    const before = checking;
    const mine = (checking = new AbortController());
    const now = question();
    if (!now) {
      before?.abort();
      check.value = null;
      return null;
    }
    try {
      const reply = follow(
        now.table,
        (signal) => channel.call('specs.check', now.asked, signal),
        mine,
      );
      // Let go only now: a table that both ask for is not read anew.
      before?.abort();
      const found = await reply;
      if (mine !== checking) return null;
      check.value = found;
      error.value = null;
      return found;
    } catch (cause) {
      if (mine === checking)
        error.value = hasCode(cause, 'ABORTED')
          ? { code: cause.code, message: text.wizard.notRead, details: cause.message }
          : toShownError(cause);
      return null;
    }
  }

  function runSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), CHECK_DELAY_MS);
  }

  function reset(): void {
    checking?.abort();
    checking = null;
    check.value = null;
  }

  return { check, run, runSoon, reset };
}
