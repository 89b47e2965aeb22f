/** Browser mode: the same services and page as the desktop app, served on this machine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { appPaths } from '../app-paths.ts';
import { appVersion } from '../app-version.ts';
import { openStorage } from '../open-storage.ts';
import { openPage } from '../page.ts';
import { createServices } from '../services/services.ts';
import { terminalMessage } from '../terminal-message.ts';
import { createDispatch, type TransportLog } from '../transports/dispatcher.ts';
import { setLogger } from '../tuner/logger.ts';
import { type BrowserServer, serve, type ServeOptions } from './serve.ts';

const DEFAULT_PORT = 7279;

const HELP = `Usage: parzen serve [options] [study files]

Serves Parzen to a browser on this machine and prints the address, with a token that keeps others out.

  --port N        where to listen; 0 is any free port (default: ${DEFAULT_PORT}, or a free one when that is taken)
  --host ADDRESS  the address to listen at (default: 127.0.0.1); others let the network in, unencrypted
  --storage FILE  the library's own study file (default: the desktop app's)
`;

const log: TransportLog & { info(message: string): void } = {
  info: (message) => process.stderr.write(`${message}\n`),
  warn: (message, error) => process.stderr.write(withStack(message, error)),
  error: (message, error) => process.stderr.write(withStack(message, error)),
};

try {
  await main();
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  process.stderr.write(`parzen: ${terminalMessage(error as Error)}\n`);
  process.exitCode = code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      storage: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const port = values.port === undefined ? null : parsePort(values.port);
  const readPage = openPage(pageDir());
  setLogger(log);

  const paths = appPaths();
  const services = await createServices({
    openStorage,
    libraryPath: values.storage ?? paths.library,
    canMoveLibrary: values.storage === undefined,
    reopensFiles: values.storage === undefined,
    settingsPath: paths.settings,
    trustedPath: paths.trusted,
    shell: 'browser',
    appVersion,
    logPath: null,
    pickPath: null,
  });
  let server: BrowserServer;
  try {
    for (const path of positionals) {
      const { storageId } = await services.library.open(path);
      // The first page goes to it.
      if (positionals.length === 1) await services.requests.showFile(storageId);
    }
    server = await serveSomewhere(
      {
        readPage,
        dispatch: createDispatch(services.handlers, log),
        onEmit: services.onEmit,
        host: values.host,
        log,
      },
      port,
    );
  } catch (error) {
    await services.close();
    throw error;
  }
  closeOnSignals(async () => {
    await server.close();
    await services.close();
  });
  process.stdout.write(`Parzen is at ${server.url}\n`);
  if (!isLoopback(values.host)) {
    log.warn(
      `Warning: with --host ${values.host} whoever can reach this machine and knows the address can use Parzen, and read along: it is not encrypted. An SSH tunnel to 127.0.0.1 is safer.`,
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** The usual port keeps what a browser remembers of the page; when it is taken, any other will do. */
async function serveSomewhere(
  options: Omit<ServeOptions, 'port'>,
  port: number | null,
): Promise<BrowserServer> {
  try {
    return await serve({ ...options, port: port ?? DEFAULT_PORT });
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!isTaken) {
      throw error;
    }
    if (port !== null) {
      throw new Error(
        `\`--port\` must be one that is free, but another program listens at ${port} (EADDRINUSE). Choose another, or leave \`--port\` out.`,
        { cause: error },
      );
    }
    return serve({ ...options, port: 0 });
  }
}

/** The first signal puts running trials back into the queue; a second one does not wait for that. */
function closeOnSignals(close: () => Promise<void>): void {
  const exitCodes = { SIGINT: 130, SIGTERM: 143 };
  let isClosing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isClosing) {
        process.exit(exitCodes[signal]);
      }
      isClosing = true;
      log.info('Closing: running trials go back into the queue.');
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('The services could not be closed', error);
          process.exit(1);
        },
      );
    });
  }
}

/** Built, this file lies beside the page's folder; from the sources, the page is in `out`. */
function pageDir(): string {
  const candidates = ['../renderer', '../../out/renderer'].map((path) =>
    join(import.meta.dirname, path),
  );
  const dir = candidates.find((path) => existsSync(join(path, 'index.html')));
  if (!dir) {
    throw new Error('The page has not been built. Run `npm run build` first.');
  }
  return dir;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw Object.assign(
      new Error(`\`--port\` must be a whole number from 0 to 65535, but got "${text}".`),
      { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' },
    );
  }
  return port;
}

function withStack(message: string, error: unknown): string {
  const stack = error instanceof Error ? error.stack : error === undefined ? '' : String(error);
  return `${message}${stack ? `\n${stack}` : ''}\n`;
}
