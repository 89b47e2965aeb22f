import type { AppCommand, AppRequest } from '../contract/app.ts';
import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { EventHub } from './events.ts';
import type { Library } from './library.ts';

/** Passes on to the page what the user asked for outside it; keeps it for a page that is still to come. */
export class AppRequests {
  readonly #hub: EventHub;
  readonly #library: Library;
  #waiting: AppRequest[] = [];
  #offered: ReadonlySet<AppCommand> = new Set();
  /** Told when the page can do something else than before. */
  onOffer: (commands: ReadonlySet<AppCommand>) => void = () => {};

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
    if (this.#offered.has(command)) this.#add({ type: 'command', command });
  }

  take(): readonly AppRequest[] {
    return this.#waiting.splice(0);
  }

  offer(commands: readonly AppCommand[]): void {
    const offered = new Set(commands);
    if (isEqual(offered, this.#offered)) return;
    this.#offered = offered;
    this.onOffer(this.#offered);
  }

  /** The page is gone, and with it what it could do. */
  forgetPage(): void {
    this.#waiting = this.#waiting.filter(({ type }) => type !== 'command');
    this.offer([]);
  }

  #add(request: AppRequest): void {
    this.#waiting.push(request);
    this.#hub.emit('app.requested', {});
  }
}

function isEqual<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((value) => b.has(value));
}

export function appHandlers(
  requests: AppRequests,
): Pick<Handlers, 'app.takeRequests' | 'app.offerCommands'> {
  return {
    'app.takeRequests': async () => requests.take(),
    'app.offerCommands': async ({ commands }) => requests.offer(commands),
  };
}
