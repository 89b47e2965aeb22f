import { dialog, type BrowserWindow } from 'electron';

import type { UserSettings } from '../contract/settings.ts';

/** What closing the window does while studies run. */
export type CloseDecision = 'keepRunning' | 'quit' | 'stay';

/** Asks what is to become of running studies, once: the answer is a setting from then on, if the user likes. */
export async function askOnClose(
  window: BrowserWindow,
  nRunning: number,
  remember: (onClose: UserSettings['onClose']) => void,
): Promise<CloseDecision> {
  const studies = nRunning === 1 ? 'A study is running' : `${nRunning} studies are running`;
  const { response, checkboxChecked } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `${studies}. Keep going without the window?`,
    detail:
      'Parzen stays in the notification area; starting it again brings the window back. ' +
      'When you quit, running trials go back into the queue, and the study can be resumed.',
    buttons: ['Keep Running', 'Quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    checkboxLabel: 'Remember my answer (it can be changed in the settings)',
    checkboxChecked: true,
  });
  const decision = (['keepRunning', 'quit', 'stay'] as const)[response] ?? 'stay';
  if (checkboxChecked && decision !== 'stay') {
    remember(decision);
  }
  return decision;
}
