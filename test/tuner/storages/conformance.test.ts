import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeJournalFile } from '../../../src-main/journal-file.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { JournalStorage } from '../../../src-main/tuner/storages/journal/journal-storage.ts';
import type { Storage } from '../../../src-main/tuner/storages/storage.ts';
import { describeStorage, hostOfTests, type StorageKind } from '../../conformance/storage.ts';
import { createFolder, openFile } from './sqlite-file.ts';

describeStorage('InMemoryStorage', {
  create: async (processInfo) => new InMemoryStorage(processInfo),
  reopen: null,
  cleanUp: async () => {},
});

describeStorage(
  'CachedStorage on an SQLite file',
  sqliteFile((storage) => Promise.resolve(storage)),
);

describeStorage(
  'two CachedStorages on one SQLite file, one that writes and one that reads',
  sqliteFile(async (writer, file) => {
    const { storage: reader } = await openFile(file, { processInfo: hostOfTests });
    return joinStorages(writer, reader);
  }),
);

describeStorage(
  'JournalStorage',
  journalFile((storage) => storage),
);

describeStorage(
  'two JournalStorages on one file, one that writes and one that reads',
  journalFile((writer, openReader) => joinStorages(writer, openReader())),
);

function journalFile(wrap: (storage: Storage, openAgain: () => Storage) => Storage): StorageKind {
  let folder: ReturnType<typeof createFolder> | null = null;
  let file = '';
  const open = (processInfo = hostOfTests): Storage =>
    new JournalStorage({ file: new NodeJournalFile({ file }), processInfo });
  return {
    async create(processInfo) {
      folder = createFolder();
      file = join(folder.path, 'study.log');
      writeFileSync(file, '');
      return wrap(open(processInfo), open);
    },
    reopen: async () => open(),
    cleanUp: async () => folder?.remove(),
  };
}

function sqliteFile(wrap: (storage: Storage, file: string) => Promise<Storage>): StorageKind {
  let folder: ReturnType<typeof createFolder> | null = null;
  let file = '';
  return {
    async create(processInfo) {
      folder = createFolder();
      file = join(folder.path, 'study.db');
      return wrap((await openFile(file, { processInfo })).storage, file);
    },
    reopen: async () => (await openFile(file, { processInfo: hostOfTests })).storage,
    cleanUp: async () => folder?.remove(),
  };
}

/** Reads through one storage and writes through the other; nothing that one knows must be news to the other. */
function joinStorages(writer: Storage, reader: Storage): Storage {
  return new Proxy(writer, {
    get(target, property: keyof Storage) {
      if (property === 'close')
        return async () => {
          await reader.close();
          await writer.close();
        };
      const source: Storage = /^(get|count)/.test(property) ? reader : target;
      const method: unknown = source[property];
      return typeof method === 'function' ? method.bind(source) : method;
    },
  });
}
