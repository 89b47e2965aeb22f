import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type ShippedPackages, shippedPackagesFile } from '../../src-main/contract/system.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Terms under which a package may ship; `npm test` builds before. */
const ALLOWED = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause)$/;

describe('the list of licences', () => {
  const { packages, texts } = JSON.parse(
    readFileSync(join(ROOT, 'out', 'renderer', shippedPackagesFile), 'utf8'),
  ) as ShippedPackages;
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };

  it('has what ships beside the page, what is in its bundle, and the font', () => {
    const names = packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(names).toEqual(
      expect.arrayContaining([
        'vue',
        'pinia',
        'naive-ui',
        'echarts',
        'zrender',
        'Inter',
        'electron',
      ]),
    );
    expect(names).not.toContain('vitest');
    expect(new Set(packages.map((each) => `${each.name} ${each.version}`)).size).toBe(
      packages.length,
    );
  });

  it('has nothing under terms that were not agreed to', () => {
    const others = packages.filter(({ licence }) => !ALLOWED.test(licence));
    expect(others.map(({ name, licence }) => `${name}: ${licence}`)).toEqual(['Inter: OFL-1.1']);
  });

  it('has the text of a licence wherever the package brings one', () => {
    const texted = packages.filter(({ text }) => text !== null);
    expect(texted.length).toBeGreaterThan(packages.length / 2);
    for (const { name, text } of texted) {
      expect(texts[text ?? -1]?.length, name).toBeGreaterThan(300);
    }
  });
});
