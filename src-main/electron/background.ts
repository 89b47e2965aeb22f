import { Menu, Tray } from 'electron';

export interface BackgroundOptions {
  readonly iconPath: string;
  readonly showWindow: () => void;
  readonly quit: () => void;
}

/** The program without a window: an icon in the notification area that says how the studies stand and brings the window back. */
export class Background {
  readonly #options: BackgroundOptions;
  #tray: Tray | null = null;
  #text = '';

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

  /** How the studies stand, in a few words. */
  describe(text: string): void {
    if (text !== this.#text) {
      this.#text = text;
      this.#draw();
    }
  }

  #draw(): void {
    const { showWindow, quit } = this.#options;
    this.#tray?.setToolTip(`Parzen: ${this.#text}`);
    this.#tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: this.#text, enabled: false },
        { type: 'separator' },
        { label: 'Show Window', click: showWindow },
        { label: 'Quit', click: quit },
      ]),
    );
  }
}
