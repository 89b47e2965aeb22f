import { ref, type Ref } from 'vue';
import { useMessage } from 'naive-ui';

import { toShownError } from './errors.ts';

export interface UseActionReturn<Args extends unknown[]> {
  /** Whether it is under way; `run` does nothing then. */
  readonly isBusy: Ref<boolean>;
  readonly run: (...args: Args) => Promise<void>;
}

/** An action of the user: runs once at a time, and what goes wrong is told. */
export function useAction<Args extends unknown[]>(
  action: (...args: Args) => Promise<unknown>,
): UseActionReturn<Args> {
  const message = useMessage();
  const isBusy = ref(false);
  async function run(...args: Args): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await action(...args);
    } catch (error) {
      message.error(toShownError(error).message, { duration: 8000, closable: true });
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, run };
}
