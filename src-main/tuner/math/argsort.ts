/** Of fewer, a comparison sort has not begun to be slow. */
const MIN_RADIX = 1000;
const BITS = 11;
const N_DIGITS = 2 ** BITS;

/**
 * The places of values in ascending order, of equals the first one first. Sorts by the digits of the numbers, which for many takes a tenth of the time that comparing
 * them does.
 *
 * @param values Without NaN.
 */
export function argsort(values: Float64Array): Uint32Array {
  const { length } = values;
  let order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  if (length < MIN_RADIX)
    return order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const plain = new Float64Array(length);
  // Zeros of both signs are equal.
  for (let i = 0; i < length; i++) plain[i] = (values[i] as number) + 0;
  const words = new Uint32Array(plain.buffer);
  const isLittle = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  const [low, high] = [new Uint32Array(length), new Uint32Array(length)];
  for (let i = 0; i < length; i++) {
    const sign = words[2 * i + Number(isLittle)] as number;
    // Positive numbers are ordered as their bits, behind the negative ones, whose order their bits reverse.
    const flip = sign >>> 31 === 1 ? 0xffffffff : 0;
    low[i] = (words[2 * i + Number(!isLittle)] as number) ^ flip;
    high[i] = sign ^ (flip | 0x80000000);
  }
  let other = new Uint32Array(length);
  const ends = new Uint32Array(N_DIGITS);
  for (const keys of [low, high])
    for (let shift = 0; shift < 32; shift += BITS) {
      ends.fill(0);
      for (let i = 0; i < length; i++) {
        const digit = ((keys[i] as number) >>> shift) & (N_DIGITS - 1);
        ends[digit] = (ends[digit] as number) + 1;
      }
      // All numbers may have the same digit here.
      if (ends.includes(length)) continue;
      for (let digit = 0, start = 0; digit < N_DIGITS; digit++) {
        const count = ends[digit] as number;
        ends[digit] = start;
        start += count;
      }
      for (let i = 0; i < length; i++) {
        const place = order[i] as number;
        const digit = ((keys[place] as number) >>> shift) & (N_DIGITS - 1);
        const end = ends[digit] as number;
        other[end] = place;
        ends[digit] = end + 1;
      }
      [order, other] = [other, order];
    }
  return order;
}
