/** Records by names that users choose, which may be those of what every object inherits. */

/** A copy of the record with one entry set; an entry that was there keeps its place. */
export function withEntry<T>(
  record: Readonly<Record<string, T>>,
  key: string,
  value: T,
): Readonly<Record<string, T>> {
  const copy = { ...record };
  setOwn(copy, key, value);
  return copy;
}

/** Plain reading, but undefined for what the record only inherits, such as `constructor`. */
export function getOwn<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Plain assignment, also right for the key `__proto__`. */
export function setOwn<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  else record[key] = value;
}
