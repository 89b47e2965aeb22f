import { afterEach, describe, expect, it } from 'vitest';

import { ContractError } from '../../src-main/contract/errors.ts';
import { toShownError } from '../../src-renderer/composables/errors.ts';
import {
  onUnexpectedError,
  watchForUnexpectedErrors,
} from '../../src-renderer/composables/unexpected-errors.ts';

describe('unexpected errors', () => {
  const told: unknown[] = [];
  const end = onUnexpectedError((error) => void told.push(error));
  afterEach(() => void told.splice(0));
  const target = new EventTarget();
  watchForUnexpectedErrors(target as Window);
  const reject = (reason: unknown): boolean =>
    target.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }));

  it('are told of, whether thrown or rejected, and remarks about the layout are not', () => {
    const fault = new Error('fault');
    target.dispatchEvent(Object.assign(new Event('error'), { error: fault }));
    target.dispatchEvent(Object.assign(new Event('error'), { error: null }));
    reject('no');
    expect(told).toEqual([fault, 'no']);
  });

  it('are not calls that were given up or lost their connection', () => {
    for (const code of ['ABORTED', 'DISCONNECTED'])
      reject(new ContractError({ code, message: '' }));
    reject(new ContractError({ code: 'INTERNAL', message: '' }));
    expect(told).toHaveLength(1);
  });

  it('carry where they happened, to be copied; those of the main side what it said', () => {
    expect(toShownError(new Error('fault')).details).toContain('unexpected-errors.test.ts');
    const details = { rule: 'a' };
    const error = new ContractError({ code: 'X', message: 'no', details });
    expect(toShownError(error).details).toBe('X: no\n{\n  "rule": "a"\n}');
  });

  it('are told to nobody who does not listen any more', () => {
    end();
    reject(new Error('fault'));
    expect(told).toEqual([]);
  });
});
