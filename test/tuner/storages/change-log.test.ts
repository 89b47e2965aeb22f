import { expect, it } from 'vitest';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import { ChangeLog } from '../../../src-main/tuner/storages/change-log.ts';

it('tells which trials changed after any revision, over so many changes that earlier ones are let go', () => {
  const rng = createRng('changes');
  const log = new ChangeLog();
  const lastChanges = new Map<number, number>();
  let revision = log.advance();
  for (let round = 0; round < 2000; round++) {
    const changed = Array.from({ length: rng.integer(5) }, () => rng.integer(300));
    for (const trialId of changed) log.note(trialId);
    const next = log.advance();
    expect(next).toBe(changed.length > 0 ? revision + 1 : revision);
    revision = next;
    for (const trialId of changed) lastChanges.set(trialId, revision);
    // That of the reader who asked last, and any other.
    for (const since of [revision - 1, 1 + rng.integer(revision)]) {
      const expected = [...lastChanges].filter(([, last]) => last > since).map(([id]) => id);
      expect(log.since(since)).toEqual(new Set(expected));
    }
  }
});
