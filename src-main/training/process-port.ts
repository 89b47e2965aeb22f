import type { ChildMessage, ChildPort, ParentMessage } from './worker-protocol.ts';

/** The channel to the process that forked this one. When that process is gone, so is this one. */
export function processPort(): ChildPort {
  if (!process.send) throw new Error('A training child must be forked; it cannot run by itself.');
  process.once('disconnect', () => process.exit());
  // Ctrl-C in a terminal reaches the whole process group; the parent decides what becomes of its children.
  process.on('SIGINT', () => {});
  let queue: ChildMessage[] = [];
  return {
    // What is said between two waits, such as an epoch and its report, travels together: each message costs a system call.
    send(message) {
      if (queue.push(message) > 1) return;
      queueMicrotask(() => {
        process.send?.(queue);
        queue = [];
      });
    },
    onMessage: (listener) => process.on('message', (message) => listener(message as ParentMessage)),
  };
}
