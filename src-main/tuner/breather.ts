/**
 * Lets long computations share their process: awaited often, it gives other work a turn once the interval has passed, and else returns
 * at once.
 *
 * @param intervalMs About as long as other work waits.
 */
export function createBreather(intervalMs = 25): () => Promise<void> {
  let breathedAt = performance.now();
  return async () => {
    if (performance.now() - breathedAt < intervalMs) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    breathedAt = performance.now();
  };
}
