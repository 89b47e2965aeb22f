/** Where the tuner says what it did and what it had to change. Replace it with `setLogger`. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

const silent: Logger = { info: () => {}, warn: () => {} };

let current: Logger = silent;

/** The logger in use; silent until one is set. */
export const logger: Logger = {
  info: (message) => current.info(message),
  warn: (message) => current.warn(message),
};

/** Whether anybody listens. */
export function isLogging(): boolean {
  return current !== silent;
}

/** Sends the tuner's messages to `next`, or nowhere with null. */
export function setLogger(next: Logger | null): void {
  current = next ?? silent;
}
