import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { createWebSocketChannel } from '../../src-renderer/api/websocket.ts';
import { eventually } from '../helpers/eventually.ts';

const SERVER = join(import.meta.dirname, '..', '..', 'out', 'main', 'server.js');
const OLD_FILE = join(import.meta.dirname, '..', 'fixtures', 'optuna', 'optuna-3.1.db');

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

describe('browser mode', () => {
  let dir: string;
  const started: ChildProcess[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parzen-server-'));
  });
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  function start(...args: string[]): {
    child: ChildProcess;
    output: Promise<Output>;
    url: Promise<string>;
  } {
    const child = spawn(process.execPath, [SERVER, ...args], {
      env: { ...process.env, PARZEN_DATA_DIR: dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    const text = { stdout: '', stderr: '' };
    const { promise: url, resolve } = Promise.withResolvers<string>();
    child.stdout?.on('data', (data: Buffer) => {
      text.stdout += String(data);
      const [, found] = /^Parzen is at (\S+)$/m.exec(text.stdout) ?? [];
      if (found) {
        resolve(found);
      }
    });
    child.stderr?.on('data', (data: Buffer) => (text.stderr += String(data)));
    const output = once(child, 'close').then(([code]) => ({
      ...text,
      code: code as number | null,
    }));
    return { child, output, url };
  }

  function connect(url: string) {
    const address = new URL('/channel', url);
    address.protocol = 'ws:';
    address.search = new URL(url).search;
    return createWebSocketChannel({
      url: address.href,
      createSocket: (to) =>
        new WebSocket(to, { origin: new URL(url).origin }) as unknown as globalThis.WebSocket,
    });
  }

  it('prints one line with the address, serves the page, and closes on Ctrl-C', async () => {
    const { child, output, url } = start('--port', '0');
    const address = await url;
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).toContain('<div id="app">');
    expect((await fetch(new URL('/etc/passwd', address))).status).toBe(404);

    const channel = connect(address);
    const info = await channel.call('system.info', {});
    expect(info).toMatchObject({ shell: 'browser', hasNativeDialogs: false });
    expect(info.libraryPath).toBe(join(dir, 'studies.db'));
    channel.close();

    child.kill('SIGINT');
    const { stdout, code } = await output;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('has another token every time', async () => {
    const addresses = await Promise.all([start('--port', '0').url, start('--port', '0').url]);
    const [one, other] = addresses.map((address) => new URL(address).searchParams.get('token'));
    expect(one).not.toBe(other);
  });

  it('puts running trials back into the queue when it is told to end', async () => {
    const { child, output, url } = start('--port', '0');
    const channel = connect(await url);
    const key = await channel.call('studies.create', { spec: 'iris' });
    await channel.call('runs.start', { key, targetTrials: 10_000 });
    await eventually(async () =>
      expect((await channel.call('runs.get', { key }))?.finishedTrials).toBeGreaterThan(2),
    );
    channel.close();
    child.kill('SIGTERM');
    expect((await output).code).toBe(0);

    const again = start('--port', '0');
    const next = connect(await again.url);
    const { summary } = await next.call('studies.get', { key });
    expect(summary.counts.running).toBe(0);
    expect(summary.counts.complete + summary.counts.pruned).toBeGreaterThan(2);
    next.close();
  });

  it('keeps its studies where --storage says', async () => {
    const path = join(dir, 'mine.db');
    const { url } = start('--port', '0', '--storage', path);
    await url;
    expect(existsSync(path)).toBe(true);
    expect(existsSync(join(dir, 'studies.db'))).toBe(false);
  });

  it.each([
    [['--port', 'http'], 2, '`--port` must be a whole number from 0 to 65535, but got "http".'],
    [['--port', '65536'], 2, '65536'],
    [['--surprise'], 2, '--surprise'],
    [['--port', '0', '/no/such/study.db'], 1, 'study.db'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const result = await start(...args).output;
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result.stdout).toBe('');
  });

  it.each([[[]], [['--storage']]])(
    'says how a file of an older Optuna is upgraded (%j)',
    async (option) => {
      const path = join(dir, 'old.db');
      copyFileSync(OLD_FILE, path);
      const { code, stderr } = await start('--port', '0', ...option, path).output;
      expect(code).toBe(1);
      expect(stderr).toContain('start `parzen serve` without this file and open it on the page');
      // That is no option of the command.
      expect(stderr).not.toContain('read-only');
      expect(readFileSync(path)).toEqual(readFileSync(OLD_FILE));

      // And there it goes.
      const { url } = start('--port', '0');
      const channel = connect(await url);
      await expect(channel.call('library.openFile', { path })).rejects.toMatchObject({
        code: 'STORAGE_NEEDS_MIGRATION',
      });
      await channel.call('library.openFile', { path, migrate: true });
      channel.close();
      expect(existsSync(`${path}.backup-v3.0.0.d`)).toBe(true);
    },
  );

  it('fails when the port that was asked for is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const { code, stderr } = await start('--port', String(port)).output;
      expect(code).toBe(1);
      expect(stderr).toContain(`another program listens at ${port} (EADDRINUSE)`);
      expect(stderr).not.toMatch(/^\s+at /m);
    } finally {
      other.close();
    }
  });

  it('warns of what it means to listen beyond this machine', async () => {
    const { child, output, url } = start('--port', '0', '--host', '0.0.0.0');
    await url;
    child.kill('SIGINT');
    expect((await output).stderr).toContain('it is not encrypted');
    const own = start('--port', '0');
    await own.url;
    own.child.kill('SIGINT');
    expect((await own.output).stderr).not.toContain('Warning');
  });

  it('explains itself', async () => {
    const { code, stdout } = await start('--help').output;
    expect(code).toBe(0);
    expect(stdout).toContain('--host');
  });
});
