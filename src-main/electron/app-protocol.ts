import { protocol, type Session } from 'electron';

import type { ReadPage } from '../page.ts';

const SCHEME = 'app';

/** The origin of the page in the desktop window. */
export const appOrigin = `${SCHEME}://parzen`;

/** Makes `app:` an origin like any other, with storage and module scripts. Before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the built page, and nothing else of the disk, as `app://parzen`. */
export function serveApp(session: Session, readPage: ReadPage): void {
  session.protocol.handle(SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url);
    const file = `${SCHEME}://${host}` === appOrigin ? await readPage(pathname) : null;
    return file
      ? new Response(file.body, { headers: file.headers })
      : new Response('There is no such file.', { status: 404 });
  });
}
