/** What the test page offers. Everything passes as bytes: what Playwright does to values is not what is tested. */
export interface TestWindow {
  call(id: number, name: string, input: Uint8Array, isAborted: boolean): Promise<Uint8Array>;
  abort(id: number): void;
  subscribe(id: number, name: string): void;
  unsubscribe(id: number): void;
  /** What the Content-Security-Policy refused of all that is tried, once it is so much or a minute has passed, and whether any script was run. */
  tryForbidden(nWanted: number): Promise<{ violated: string[]; wasRun: boolean }>;
}

declare global {
  var testWindow: TestWindow;
  /** Given to the page by the test process. */
  var onTestEvent: (id: number, payload: Uint8Array) => void;
}
