import {
  ipcMain,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type WebContents,
  type WebFrameMain,
} from 'electron';

import { decode, encode } from '../contract/codec.ts';
import { ipcChannels } from '../contract/wire.ts';
import { ClientSession, type OnEmit } from './client-session.ts';
import { type Dispatch, encodeReply, type TransportLog } from './dispatcher.ts';

export interface IpcTransportOptions {
  readonly dispatch: Dispatch;
  readonly onEmit: OnEmit;
  /** Whether the document in this frame is our own page. */
  readonly isOurPage: (frame: WebFrameMain) => boolean;
  readonly log: TransportLog;
}

export interface IpcTransport {
  /** Serves this window until it is destroyed. */
  attach(window: WebContents): void;
  close(): void;
}

/** The document that a window shows now; another one replaces it when the window is loaded again. */
interface Document {
  readonly id: string;
  readonly session: ClientSession;
}

/** Serves the contract to windows over Electron IPC. */
export function serveIpc({ dispatch, onEmit, isOurPage, log }: IpcTransportOptions): IpcTransport {
  const documents = new Map<WebContents, Document | null>();
  /** Documents that were replaced: what they still say comes too late. */
  const replaced = new Set<string>();

  const replace = (window: WebContents, next: Document | null): void => {
    const current = documents.get(window);
    if (current) {
      current.session.close();
      replaced.add(current.id);
    }
    documents.set(window, next);
  };

  /** The session of the document that sent `event`, or null if it may not talk to us. */
  const sessionOf = (
    event: IpcMainEvent | IpcMainInvokeEvent,
    documentId: unknown,
  ): ClientSession | null => {
    const { sender, senderFrame } = event;
    const current = documents.get(sender);
    const isTrusted =
      current !== undefined &&
      senderFrame !== null &&
      senderFrame === sender.mainFrame &&
      isOurPage(senderFrame);
    if (!isTrusted || typeof documentId !== 'string') {
      log.warn(`Refused a message from ${senderFrame?.url ?? 'a frame that is gone'}`);
      return null;
    }
    if (current?.id === documentId) {
      return current.session;
    }
    const session = new ClientSession(dispatch);
    if (!replaced.has(documentId)) {
      replace(sender, { id: documentId, session });
    }
    return session;
  };

  const detach = (window: WebContents): void => {
    replace(window, null);
    documents.delete(window);
  };

  const onMessage = (
    channel: string,
    handle: (session: ClientSession, value: unknown) => void,
  ): void => {
    ipcMain.on(channel, (event, documentId: unknown, value: unknown) => {
      const session = sessionOf(event, documentId);
      if (session) {
        handle(session, value);
      }
    });
  };

  ipcMain.handle(
    ipcChannels.call,
    async (event, documentId: unknown, id: unknown, name: unknown, input: unknown) => {
      const session = sessionOf(event, documentId);
      if (!session) {
        throw new Error('This frame may not call the main process.');
      }
      const reply = await session.call(Number(id), String(name), decode(input as Uint8Array));
      return encodeReply(reply, encode);
    },
  );
  onMessage(ipcChannels.abort, (session, id) => session.abort(Number(id)));
  onMessage(ipcChannels.subscribe, (session, name) => session.subscribe(String(name)));
  onMessage(ipcChannels.unsubscribe, (session, name) => session.unsubscribe(String(name)));

  const stopListening = onEmit((name, payload) => {
    let bytes: Uint8Array | undefined;
    for (const [window, document] of documents) {
      if (document?.session.isSubscribed(name) && !window.isDestroyed()) {
        bytes ??= encode(payload);
        window.send(ipcChannels.event, name, bytes);
      }
    }
  });

  return {
    attach(window) {
      documents.set(window, null);
      window.once('destroyed', () => detach(window));
      window.on('render-process-gone', () => replace(window, null));
    },
    close() {
      stopListening();
      ipcMain.removeHandler(ipcChannels.call);
      for (const channel of [ipcChannels.abort, ipcChannels.subscribe, ipcChannels.unsubscribe]) {
        ipcMain.removeAllListeners(channel);
      }
      for (const window of [...documents.keys()]) {
        detach(window);
      }
    },
  };
}
