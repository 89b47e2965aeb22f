import { useMessage } from 'naive-ui';
import { h } from 'vue';

import ErrorMessage from '../components/common/ErrorMessage.vue';
import { toShownError } from './errors.ts';

const SHOWN_MS = 10_000;

/** Tells of a failure in a message that goes away by itself, unless somebody reads it. */
export function useErrorMessage(): (error: unknown) => void {
  const message = useMessage();
  return (error) => {
    const shown = toShownError(error);
    message.error(() => h(ErrorMessage, { error: shown }), {
      duration: SHOWN_MS,
      closable: true,
      keepAliveOnHover: true,
    });
  };
}
