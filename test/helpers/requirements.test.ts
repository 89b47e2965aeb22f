import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** A fresh copy of the module, as it remembers what it found. */
async function load(): Promise<typeof import('./requirements.ts')> {
  vi.resetModules();
  return import('./requirements.ts');
}

describe('requirements', () => {
  beforeEach(() => {
    vi.stubEnv('CI', undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('says in the title what is missing', async () => {
    vi.stubEnv('PARZEN_PYTHON', '/nowhere/python');
    const { requirements, requirement } = await load();
    const needs = requirements('python-optuna');
    expect(needs.missing).toBe(true);
    expect(needs.title('continues a study')).toBe(
      'continues a study [needs Optuna and pandas in /nowhere/python (PARZEN_PYTHON names another Python)]',
    );
    expect(requirement('python-optuna').available).toBe(false);
  });

  it('leaves the title alone when nothing is missing', async () => {
    vi.stubEnv('PARZEN_CHROMIUM', process.execPath);
    const { requirements, requirement } = await load();
    const needs = requirements('chromium');
    expect(needs.missing).toBe(false);
    expect(needs.title('opens')).toBe('opens');
    expect(requirement('chromium').path).toBe(process.execPath);
  });

  it('does not let CI skip what needs a part of the system', async () => {
    vi.stubEnv('CI', 'true');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', '/nowhere');
    const { requirements } = await load();
    expect(() => requirements('electron')).toThrow('must not be skipped in CI');
  });

  it('lets CI skip what needs Python', async () => {
    vi.stubEnv('CI', 'true');
    vi.stubEnv('PARZEN_PYTHON', '/nowhere/python');
    const { requirements } = await load();
    expect(requirements('python-optuna').missing).toBe(true);
  });
});
