import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventName, Events } from '../../src-main/contract/contract.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { createServices, type Services } from '../../src-main/services/services.ts';
import { temporaryFolder } from './cli.ts';

/** The real services on a library in a temporary folder; closed when the test ends. */
export async function startServices(folder = temporaryFolder()): Promise<Services> {
  const services = await createServices({
    openStorage,
    libraryPath: join(folder, 'studies.db'),
    settingsPath: join(folder, 'settings.json'),
    trustedPath: join(folder, 'trusted-programs.json'),
    shell: 'browser',
    appVersion: '0.0.0',
    logPath: null,
    pickPath: null,
  });
  onTestFinished(() => services.close());
  return services;
}

export const call = { signal: new AbortController().signal };

/** Resolves with the first event that fits. */
export function nextEvent<Name extends EventName>(
  services: Services,
  name: Name,
  fits: (payload: Events[Name]) => boolean = () => true,
): Promise<Events[Name]> {
  return new Promise((resolve) => {
    const off = services.onEmit((event, payload) => {
      if ((event as string) !== name || !fits(payload as unknown as Events[Name])) return;
      off();
      resolve(payload as unknown as Events[Name]);
    });
  });
}
