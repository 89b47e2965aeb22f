import { describe, expect, it } from 'vitest';

import type { LibrarySnapshot, StorageSummary } from '../../../src-main/contract/library.ts';
import { useLibraryStore } from '../../../src-renderer/stores/library.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { installChannel } from '../helpers/with-app.ts';

describe('useLibraryStore', () => {
  it('asks for the recent files again when files were opened or closed, by whomever, and only then', async () => {
    let open = ['/own.db'];
    let recent = ['/old.db'];
    const channel = new FakeChannel({
      'library.get': () =>
        ({
          storages: open.map((storageId) => ({ storageId }) as StorageSummary),
          studies: [],
        }) as unknown as LibrarySnapshot,
      'library.recentFiles': () => recent,
    });
    installChannel(channel);
    const library = useLibraryStore();
    const nAsked = () => channel.calls.filter(({ name }) => name === 'library.recentFiles').length;

    await library.refresh();
    expect(library.recentFiles).toEqual(['/old.db']);
    await library.refresh();
    expect(nAsked()).toBe(1);

    [open, recent] = [
      ['/own.db', '/new.db'],
      ['/new.db', '/old.db'],
    ];
    await library.refresh();
    expect(library.recentFiles).toEqual(['/new.db', '/old.db']);
    open = ['/own.db'];
    await library.refresh();
    expect(nAsked()).toBe(3);
  });

  it('knows a file that was opened, also where the library is asked for again meanwhile', async () => {
    const answers: ((snapshot: LibrarySnapshot) => void)[] = [];
    const snapshotOf = (...open: string[]) =>
      ({
        storages: open.map((storageId) => ({ storageId }) as StorageSummary),
        studies: [],
      }) as unknown as LibrarySnapshot;
    const channel = new FakeChannel({
      'library.openFile': () => ({ storageId: '/new.db' }) as StorageSummary,
      'library.get': () => new Promise((resolve) => answers.push(resolve)),
      'library.recentFiles': () => [],
    });
    installChannel(channel);
    const library = useLibraryStore();
    const isOpen = () => library.storagesById.has('/new.db');

    const opening = library.openFile('/new.db');
    await eventually(() => expect(answers).toHaveLength(1));
    // The main side has said that the library changed.
    const again = library.refresh();
    answers[0]?.(snapshotOf('/new.db'));
    await opening;
    expect(isOpen()).toBe(true);
    answers[1]?.(snapshotOf('/new.db', '/other.db'));
    await again;
    expect(library.storages).toHaveLength(2);

    // An answer that comes after a newer one changes nothing.
    const [older, newer] = [library.refresh(), library.refresh()];
    answers[3]?.(snapshotOf('/new.db'));
    await newer;
    answers[2]?.(snapshotOf());
    await older;
    expect(isOpen()).toBe(true);
  });
});
