import { contractErrorCodes } from '../../src-main/contract/errors.ts';
import { hasCode } from './errors.ts';

const listeners = new Set<(error: unknown) => void>();

/** Calls `listener` with every fault of the page that nobody caught. @returns A function that ends that. */
export function onUnexpectedError(listener: (error: unknown) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(error: unknown): void {
  // Calls that were given up, or whose connection was lost: the page says so elsewhere.
  const { aborted, disconnected } = contractErrorCodes;
  if (hasCode(error, aborted) || hasCode(error, disconnected)) return;
  for (const listener of listeners) listener(error);
}

/** From now on, whatever is thrown in the page and caught by nobody is told. The browser writes it to the console, which the desktop app keeps in its log. */
export function watchForUnexpectedErrors(target: Window): void {
  target.addEventListener('error', (event) => {
    // Browsers use the same event for remarks about the layout, which carry no error.
    if (event.error instanceof Error) tell(event.error);
  });
  target.addEventListener('unhandledrejection', ({ reason }) => tell(reason));
}
