import LRU from 'zrender/lib/core/LRU.js';

interface Cache {
  _map: object;
  get(key: string | number): unknown;
  put(key: string | number, value: unknown): unknown;
}

let isMended = false;

/**
 * ECharts’ zrender keeps the widths of texts it has drawn in plain objects. A label such as `toString` or `__proto__`, which
 * are names like others in a study, finds there what every object inherits, is taken for an entry, and is
 * written to: `Object.prototype` gets enumerable `value`, `next` and `prev`, and whatever loops over keys breaks, first of all the
 * page’s router. Objects that inherit nothing have no such entries.
 */
export function mendTextCache(): void {
  if (isMended) return;
  isMended = true;
  const caches = LRU.prototype as unknown as Cache;
  const { get, put } = caches;
  caches.get = function (key) {
    inheritNothing(this);
    return get.call(this, key);
  };
  caches.put = function (key, value) {
    inheritNothing(this);
    return put.call(this, key, value);
  };
}

function inheritNothing({ _map }: Cache): void {
  if (Object.getPrototypeOf(_map) !== null) Object.setPrototypeOf(_map, null);
}
