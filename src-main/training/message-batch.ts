/**
 * Sends what is said in one go as one list, when nothing else is left to do in this turn of the event loop: on a channel between processes each
 * message costs a system call, and wakes the other side up.
 */
export function batched<Message>(send: (messages: Message[]) => void): (message: Message) => void {
  let batch: Message[] = [];
  return (message) => {
    if (batch.push(message) > 1) return;
    process.nextTick(() => {
      const messages = batch;
      batch = [];
      send(messages);
    });
  };
}
