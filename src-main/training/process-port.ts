import { batched } from './message-batch.ts';
import type { ChildMessage, ChildPort, ParentMessage } from './worker-protocol.ts';

/** The channel to the process that forked this one. When that process is gone, so is this one. */
export function processPort(): ChildPort {
  if (!process.send) throw new Error('A training child must be forked; it cannot run by itself.');
  process.once('disconnect', () => process.exit());
  // Ctrl-C in a terminal reaches the whole process group; the parent decides what becomes of its children.
  process.on('SIGINT', () => {});
  return {
    send: batched<ChildMessage>((messages) => process.send?.(messages)),
    onMessage: (listener) =>
      process.on('message', (messages) => {
        for (const message of messages as ParentMessage[]) listener(message);
      }),
  };
}
