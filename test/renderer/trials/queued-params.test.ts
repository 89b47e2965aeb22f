import { expect, it } from 'vitest';

import { queuedParams } from '../../../src-renderer/trials/queued-params.ts';

it('reads what a trial was put into the queue with, whatever another program wrote there', () => {
  const fixed = { rate: 0.001, bias: true, note: null, odd: [1] };
  expect(queuedParams({ fixed_params: fixed })).toEqual([
    { name: 'rate', value: '0.001' },
    { name: 'bias', value: 'True' },
    { name: 'note', value: 'None' },
    { name: 'odd', value: '[1]' },
  ]);
  expect(queuedParams({})).toEqual([]);
  expect(queuedParams({ fixed_params: 'none' })).toEqual([]);
});
