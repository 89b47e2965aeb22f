import {
  dialog,
  type BrowserWindow,
  type FileFilter,
  type OpenDialogOptions,
  type SaveDialogOptions,
} from 'electron';

import type { InputOf } from '../contract/contract.ts';

type Purpose = InputOf<'library.pickPath'>['purpose'];

const studyFiles: FileFilter = {
  name: 'Optuna study files',
  extensions: ['db', 'sqlite', 'sqlite3'],
};

const filters: Readonly<Record<Exclude<Purpose, 'folder'>, FileFilter>> = {
  'study-file': studyFiles,
  'study-copy': studyFiles,
  table: { name: 'Tables', extensions: ['csv', 'tsv', 'txt'] },
  spec: { name: 'Study specs', extensions: ['yaml', 'yml', 'json'] },
  objective: {
    name: 'Modules and study specs',
    extensions: ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'yaml', 'yml', 'json'],
  },
  'csv-export': { name: 'CSV', extensions: ['csv'] },
};

const titles: Readonly<Record<Purpose, string>> = {
  'study-file': 'Open a study file',
  'study-copy': 'Copy into a study file, new or not',
  table: 'Choose a table',
  spec: 'Choose a study spec',
  objective: 'Choose a module or a study spec',
  'csv-export': 'Export as CSV',
  folder: 'Choose a folder',
};

/** Asks for a path in the system's own dialog, in front of the window; null when it was cancelled. */
export async function pickPath(
  window: BrowserWindow | null,
  purpose: Purpose,
  defaultName?: string,
): Promise<string | null> {
  if (purpose === 'folder') {
    return openDialog(window, {
      title: titles.folder,
      properties: ['openDirectory', 'createDirectory'],
    });
  }
  const options = {
    title: titles[purpose],
    defaultPath: defaultName,
    filters: [filters[purpose], { name: 'All files', extensions: ['*'] }],
  };
  if (purpose === 'csv-export' || purpose === 'study-copy') {
    // A study file that is there is added to, not replaced, and the system must not say otherwise.
    const properties: SaveDialogOptions['properties'] =
      purpose === 'study-copy' ? ['dontAddToRecent'] : ['showOverwriteConfirmation'];
    const { canceled, filePath } = await (window
      ? dialog.showSaveDialog(window, { ...options, properties })
      : dialog.showSaveDialog({ ...options, properties }));
    return canceled || filePath === '' ? null : filePath;
  }
  return openDialog(window, { ...options, properties: ['openFile'] });
}

async function openDialog(
  window: BrowserWindow | null,
  options: OpenDialogOptions,
): Promise<string | null> {
  const { canceled, filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options));
  return canceled ? null : (filePaths[0] ?? null);
}
