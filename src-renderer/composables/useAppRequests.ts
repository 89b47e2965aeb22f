import { onScopeDispose } from 'vue';
import { useRouter } from 'vue-router';

import type { AppCommand, AppRequest } from '../../src-main/contract/app.ts';
import { studyRoute } from '../router.ts';
import { useChannel } from './useChannel.ts';

/**
 * Carries out what the user asks for outside the page: a file opened by the system or the command line, a click on a notification, the
 * menu bar. The menu offers the commands named here.
 */
export function useAppRequests(actions: Partial<Record<AppCommand, () => void>>): void {
  const channel = useChannel();
  const router = useRouter();
  const all: Partial<Record<AppCommand, () => void>> = {
    newStudy: () => void router.push({ name: 'new-study' }),
    showLibrary: () => void router.push({ name: 'library' }),
    showSettings: () => void router.push({ name: 'settings' }),
    ...actions,
  };

  function carryOut(request: AppRequest): void {
    if (request.type === 'command') all[request.command]?.();
    else if (request.studyId === null) void router.push({ name: 'library' });
    else void router.push(studyRoute({ storageId: request.storageId, studyId: request.studyId }));
  }

  async function take(): Promise<void> {
    for (const request of await channel.call('app.takeRequests', {})) carryOut(request);
  }

  async function begin(): Promise<void> {
    await channel.call('app.offerCommands', { commands: Object.keys(all) as AppCommand[] });
    await take();
  }

  // A call that fails because the connection is gone is made again when it is back.
  const ignore = (): void => {};
  const offRequests = channel.subscribe('app.requested', () => void take().catch(ignore));
  const offReconnect = channel.onReconnect(() => void begin().catch(ignore));
  void begin().catch(ignore);
  onScopeDispose(() => {
    offRequests();
    offReconnect();
  });
}
