import { describe, expect, it } from 'vitest';

import { ContractError } from '../../../src-main/contract/errors.ts';
import type { LibrarySnapshot, StorageSummary } from '../../../src-main/contract/library.ts';
import { useLibraryStore } from '../../../src-renderer/stores/library.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { installChannel } from '../helpers/with-app.ts';

const snapshotOf = (...open: string[]): LibrarySnapshot =>
  ({
    storages: open.map((storageId) => ({ storageId }) as StorageSummary),
    studies: [],
  }) as unknown as LibrarySnapshot;

describe('useLibraryStore', () => {
  it('asks for the recent files again when files were opened or closed, by whomever, and only then', async () => {
    let open = ['/own.db'];
    let recent = ['/old.db'];
    const channel = new FakeChannel({
      'library.openFile': ({ path }) => {
        recent = [path, ...recent.filter((one) => one !== path)];
        return { storageId: path } as StorageSummary;
      },
      'library.get': () => snapshotOf(...open),
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

    // One that is open already comes to the front, though nothing else changes.
    await library.openFile('/own.db');
    expect(library.recentFiles).toEqual(['/own.db', '/new.db', '/old.db']);
  });

  it('leaves it to the banner to say that there is no connection, where there is something to show', async () => {
    let isLost = true;
    const channel = new FakeChannel({
      'library.get': () => {
        if (isLost)
          throw new ContractError({ code: 'DISCONNECTED', message: 'There is no connection.' });
        return snapshotOf('/own.db');
      },
      'library.recentFiles': () => [],
    });
    installChannel(channel);
    const library = useLibraryStore();
    await library.refresh();
    expect(library.error?.message).toBe('There is no connection.');
    isLost = false;
    await library.refresh();
    isLost = true;
    await library.refresh();
    expect(library.error).toBeNull();
    expect(library.storages).toHaveLength(1);
  });

  it('says that the library cannot be read as long as that is so, by the newest answer', async () => {
    const answers: PromiseWithResolvers<LibrarySnapshot>[] = [];
    const channel = new FakeChannel({
      'library.get': () => {
        answers.push(Promise.withResolvers());
        return answers.at(-1)!.promise;
      },
      'library.recentFiles': () => [],
    });
    installChannel(channel);
    const library = useLibraryStore();
    const refreshed = async (answer: (one: PromiseWithResolvers<LibrarySnapshot>) => void) => {
      const done = library.refresh();
      answer(answers.at(-1)!);
      await done;
      return library.error?.message ?? null;
    };
    expect(await refreshed(({ reject }) => reject(new Error('locked')))).toBe('locked');
    expect(await refreshed(({ resolve }) => resolve(snapshotOf('/own.db')))).toBeNull();
    const [older, newer] = [library.refresh(), library.refresh()];
    answers.at(-1)!.resolve(snapshotOf('/own.db'));
    await newer;
    answers.at(-2)!.reject(new Error('late'));
    await older;
    expect(library.error).toBeNull();
  });

  it('knows a file that was opened, also where the library is asked for again meanwhile', async () => {
    const answers: ((snapshot: LibrarySnapshot) => void)[] = [];
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
