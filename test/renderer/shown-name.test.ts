import { expect, it } from 'vitest';

import { shownName } from '../../src-renderer/shown-name.ts';

it.each(['a', ' a ', '7', '–', '研究', '🙂', '\u200bx'])('shows the name "%s" as it is', (name) => {
  expect(shownName(name)).toBe(name);
});

it.each(['', ' ', '\t\n', '\u00a0', '\u200b', '\u200d\u2060', '\u2800', '\u3164', '\u0301'])(
  'says of a name like %j that it cannot be seen',
  (name) => {
    expect(shownName(name)).toBe('(a name that cannot be seen)');
  },
);
