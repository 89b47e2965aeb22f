import { ref, type Ref } from 'vue';

import { useErrorMessage } from './useErrorMessage.ts';

export interface UseActionReturn<Args extends unknown[]> {
  /** Whether it is under way; `run` does nothing then. */
  readonly isBusy: Ref<boolean>;
  readonly run: (...args: Args) => Promise<void>;
}

/** An action of the user: runs once at a time, and what goes wrong is told. */
export function useAction<Args extends unknown[]>(
  action: (...args: Args) => Promise<unknown>,
): UseActionReturn<Args> {
  const tell = useErrorMessage();
  const isBusy = ref(false);
  async function run(...args: Args): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await action(...args);
    } catch (error) {
      tell(error);
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, run };
}
