import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** A file of the built page as an HTTP answer. */
export interface PageFile {
  readonly body: Buffer<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The file at the path of a URL, or null where there is none. */
export type ReadPage = (urlPath: string) => Promise<PageFile | null>;

/**
 * No code but the page's own files, nothing from elsewhere, nobody around it. Styles may be inline
 * because the component library writes its own; that runs nothing.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  // `data:` is how a chart becomes an image file.
  "connect-src 'self' data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const commonHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * The built page in `dir`, for the desktop window and for browser mode. Only files that are there now
 * are ever read, whatever a URL says.
 *
 * @throws Error when the page has not been built.
 */
export function openPage(dir: string): ReadPage {
  const files = new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(dir.length).split(sep).join('/'), path]),
  );
  return async (urlPath) => {
    const name = urlPath === '/' ? '/index.html' : urlPath;
    const path = files.get(name);
    if (path === undefined) {
      return null;
    }
    return {
      body: await readFile(path),
      headers: {
        ...commonHeaders,
        'Content-Type': contentTypes[extname(path)] ?? 'application/octet-stream',
        // The build puts a hash into the names of what it puts there.
        'Cache-Control': name.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
      },
    };
  };
}
