import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openPage } from '../src-main/page.ts';

describe('openPage', () => {
  let root: string;
  let page: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'parzen-page-'));
    page = join(root, 'renderer');
    mkdirSync(join(page, 'assets'), { recursive: true });
    writeFileSync(join(page, 'index.html'), '<p>page</p>');
    writeFileSync(join(page, 'assets', 'index-abc.js'), '1');
    writeFileSync(join(root, 'secret.txt'), 'secret');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('gives the files of the page, each as what it is', async () => {
    const read = openPage(page);
    const [index, script] = [await read('/'), await read('/assets/index-abc.js')];
    expect(String(index?.body)).toBe('<p>page</p>');
    expect(index?.headers).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
    });
    expect(script?.headers).toMatchObject({
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': expect.stringContaining('immutable'),
      'X-Content-Type-Options': 'nosniff',
    });
  });

  it('has a policy for every file that lets no script be inline or evaluated', async () => {
    const read = openPage(page);
    for (const path of ['/', '/assets/index-abc.js']) {
      const policy = (await read(path))?.headers['Content-Security-Policy'] ?? '';
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    }
  });

  it.each([
    '/secret.txt',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/..\\secret.txt',
    '/assets',
    '/assets/',
    'index.html',
    '',
    '/index.html\0',
  ])('gives nothing for %j', async (path) => {
    expect(await openPage(page)(path)).toBeNull();
  });

  it('gives nothing that came after it was opened', async () => {
    const read = openPage(page);
    writeFileSync(join(page, 'later.js'), '1');
    expect(await read('/later.js')).toBeNull();
  });

  it('says so when the page was not built', () => {
    expect(() => openPage(join(root, 'none'))).toThrow('ENOENT');
  });
});
