import { describe, expect, it } from 'vitest';

import { hasSteps } from '../../../src-renderer/wizard/steps.ts';

describe('hasSteps', () => {
  it('is for studies of tables, not for programs and what others made', () => {
    expect(hasSteps({ data: { table: 'iris' } })).toBe(true);
    expect(hasSteps({ run: { module: '/a.js' } })).toBe(false);
    expect(hasSteps(null)).toBe(false);
  });
});
