import { describe, expect, it } from 'vitest';

import type { LibrarySnapshot, StorageSummary } from '../../../src-main/contract/library.ts';
import { useLibraryStore } from '../../../src-renderer/stores/library.ts';
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
});
