import { isDeepStrictEqual } from 'node:util';
import type { AppCommand, AppRequest } from '../contract/app.ts';
import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { EventHub } from './events.ts';
import type { Library } from './library.ts';

/** What a page can do now. */
export interface Offer {
  readonly commands: ReadonlySet<AppCommand>;
  /** Titles of the tabs of the study that it shows. */
  readonly tabs: readonly string[];
}

/** Passes on to the page what the user asked for outside it; keeps it for a page that is still to come. */
export class AppRequests {
  readonly #hub: EventHub;
  readonly #library: Library;
  #waiting: AppRequest[] = [];
  #offered: Offer = { commands: new Set(), tabs: [] };
  /** Told when the page can do something else than before. */
  onOffer: (offer: Offer) => void = () => {};

  constructor(hub: EventHub, library: Library) {
    this.#hub = hub;
    this.#library = library;
  }

  /** Shows a file that is open, at its study when there is only one in it. */
  async showFile(storageId: string): Promise<void> {
    const studies = await this.#library.studiesIn(storageId);
    const studyId = studies.length === 1 ? (studies[0]?.studyId ?? null) : null;
    this.#add({ type: 'open', storageId, studyId });
  }

  showStudy({ storageId, studyId }: StudyKey): void {
    this.#add({ type: 'open', storageId, studyId });
  }

  /** Does nothing unless a page offers the command. */
  command(command: AppCommand): void {
    if (this.#offered.commands.has(command)) this.#add({ type: 'command', command });
  }

  showTab(index: number): void {
    if (index in this.#offered.tabs) this.#add({ type: 'tab', index });
  }

  take(): readonly AppRequest[] {
    return this.#waiting.splice(0);
  }

  offer(commands: readonly AppCommand[], tabs: readonly string[] = []): void {
    const offered = { commands: new Set(commands), tabs: [...tabs] };
    if (isDeepStrictEqual(offered, this.#offered)) return;
    this.#offered = offered;
    this.onOffer(this.#offered);
  }

  /** The page is gone, and with it what it could do. */
  forgetPage(): void {
    this.#waiting = this.#waiting.filter(({ type }) => type === 'open');
    this.offer([]);
  }

  #add(request: AppRequest): void {
    this.#waiting.push(request);
    this.#hub.emit('app.requested', {});
  }
}

export function appHandlers(
  requests: AppRequests,
): Pick<Handlers, 'app.takeRequests' | 'app.offerCommands'> {
  return {
    'app.takeRequests': async () => requests.take(),
    'app.offerCommands': async ({ commands, tabs }) => requests.offer(commands, tabs),
  };
}
