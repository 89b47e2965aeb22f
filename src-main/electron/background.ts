import { Menu, Tray } from 'electron';

export interface BackgroundOptions {
  readonly iconPath: string;
  readonly showWindow: () => void;
  readonly quit: () => void;
}

/** A running study as a line of the menu. */
export interface BackgroundStudy {
  readonly label: string;
  readonly show: () => void;
}

/** The program without a window: an icon in the notification area that says how the studies stand and brings the window back. */
export class Background {
  readonly #options: BackgroundOptions;
  #tray: Tray | null = null;
  #text = '';
  #studies: readonly BackgroundStudy[] = [];

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  get isShown(): boolean {
    return this.#tray !== null;
  }

  show(): void {
    if (!this.#tray) {
      this.#tray = new Tray(this.#options.iconPath);
      this.#tray.on('click', this.#options.showWindow);
      this.#draw();
    }
  }

  hide(): void {
    const tray = this.#tray;
    this.#tray = null;
    // Not within the icon's own click.
    setImmediate(() => tray?.destroy());
  }

  /** How the studies stand, in a few words for all and one line for each. */
  describe(text: string, studies: readonly BackgroundStudy[]): void {
    const isSame =
      text === this.#text &&
      studies.length === this.#studies.length &&
      studies.every(({ label }, i) => label === this.#studies[i]?.label);
    if (isSame) {
      return;
    }
    this.#text = text;
    this.#studies = studies;
    this.#draw();
  }

  #draw(): void {
    const { showWindow, quit } = this.#options;
    this.#tray?.setToolTip(`Parzen: ${this.#text}`);
    this.#tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: this.#text, enabled: false },
        ...this.#studies.map(({ label, show }) => ({ label, click: show })),
        { type: 'separator' },
        { label: 'Show Window', click: showWindow },
        { label: 'Quit', click: quit },
      ]),
    );
  }
}
