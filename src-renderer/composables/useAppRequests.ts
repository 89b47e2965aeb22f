import { computed, onScopeDispose, watch, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';

import type { AppCommand, AppRequest } from '../../src-main/contract/app.ts';
import { isTextField } from '../components/common/text-field.ts';
import { isDialogWaiting } from '../components/common/waiting-dialog.ts';
import { studyRoute } from '../router.ts';
import { useChannel } from './useChannel.ts';
import type { Command } from './useCommands.ts';

export interface UseAppRequestsOptions {
  /** What can be done now; those with a name of the menu bar are offered there. */
  readonly commands: ComputedRef<readonly Command[]>;
  /** The tabs of the study that is shown, none where there is none. */
  readonly tabs: ComputedRef<readonly { readonly title: string; readonly show: () => unknown }[]>;
}

/**
 * Carries out what the user asks for outside the page: a file opened by the system or the command line, a click on a notification, the
 * menu bar.
 */
export function useAppRequests({ commands, tabs }: UseAppRequestsOptions): void {
  const channel = useChannel();
  const router = useRouter();
  const offered = computed(() => ({
    commands: [...new Set(commands.value.flatMap(({ app }) => app ?? []))] satisfies AppCommand[],
    tabs: tabs.value.map(({ title }) => title),
  }));

  function carryOut(request: AppRequest): void {
    if (request.type === 'command') carryOutCommand(request.command);
    else if (request.type === 'tab') {
      if (!isDialogWaiting()) tabs.value[request.index]?.show();
    } else if (request.studyId === null) void router.push({ name: 'library' });
    else void router.push(studyRoute({ storageId: request.storageId, studyId: request.studyId }));
  }

  function carryOutCommand(command: AppCommand): void {
    // A text field has its own undo, and no other way to it on a Mac than the menu.
    if (command === 'undo' && isTextField(document.activeElement)) document.execCommand('undo');
    else if (!isDialogWaiting()) commands.value.find(({ app }) => app === command)?.run();
  }

  async function take(): Promise<void> {
    for (const request of await channel.call('app.takeRequests', {})) carryOut(request);
  }

  async function offer(): Promise<void> {
    await channel.call('app.offerCommands', offered.value);
  }

  async function begin(): Promise<void> {
    await offer();
    await take();
  }

  // A call that fails because the connection is gone is made again when it is back.
  const ignore = (): void => {};
  watch(
    () => JSON.stringify(offered.value),
    () => void offer().catch(ignore),
  );
  const offRequests = channel.subscribe('app.requested', () => void take().catch(ignore));
  const offReconnect = channel.onReconnect(() => void begin().catch(ignore));
  void begin().catch(ignore);
  onScopeDispose(() => {
    offRequests();
    offReconnect();
  });
}
