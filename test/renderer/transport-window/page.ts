/** The page of the transport tests: the renderer's own channel, within reach of the test process. */
import { decode, encode } from '../../../src-main/contract/codec.ts';
import type { CallName, EventName } from '../../../src-main/contract/contract.ts';
import { createChannel } from '../../../src-renderer/api/client.ts';
import type {} from '../../transports/test-window.ts';

const channel = createChannel();
const aborts = new Map<number, AbortController>();
const ends = new Map<number, () => void>();

globalThis.testWindow = {
  async call(id, name, input, isAborted) {
    const controller = new AbortController();
    aborts.set(id, controller);
    if (isAborted) {
      controller.abort();
    }
    try {
      const result = await channel.call(
        name as CallName,
        decode(input) as never,
        controller.signal,
      );
      return encode({ result });
    } catch (error) {
      const { code, message, details, stack } = error as Error & Record<string, unknown>;
      return encode({ error: { code, message, details, stack } });
    } finally {
      aborts.delete(id);
    }
  },
  abort: (id) => aborts.get(id)?.abort(),
  subscribe(id, name) {
    const end = channel.subscribe(name as EventName, (payload) =>
      globalThis.onTestEvent(id, encode(payload)),
    );
    ends.set(id, end);
  },
  unsubscribe: (id) => ends.get(id)?.(),

  async tryForbidden(nWanted) {
    const violated = new Set<string>();
    const { promise: areAllSeen, resolve: onAllSeen } = Promise.withResolvers<void>();
    const see = (what: string): void => {
      if (violated.add(what).size >= nWanted) onAllSeen();
    };
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      see(effectiveDirective),
    );
    const append = (name: string, properties: object): void => {
      document.body.append(Object.assign(document.createElement(name), properties));
    };
    const run = 'globalThis.wasRun = true';
    append('script', { textContent: run });
    append('script', { src: 'https://example.com/x.js' });
    append('img', { src: 'https://example.com/x.png' });
    append('iframe', { src: location.href });
    append('object', { data: location.href });
    append('base', { href: 'https://example.com/' });
    document.body.insertAdjacentHTML('beforeend', `<button onclick="${run}">run</button>`);
    document.querySelector('button')?.click();
    await fetch('https://example.com/').catch(() => {});
    // What the test process starts may evaluate; what runs later may not.
    setTimeout(() => {
      try {
        new Function(run)();
      } catch {
        see('eval');
      }
    });
    await Promise.race([areAllSeen, new Promise((resolve) => setTimeout(resolve, 60_000))]);
    return { violated: [...violated].sort(), wasRun: 'wasRun' in globalThis };
  },
};
