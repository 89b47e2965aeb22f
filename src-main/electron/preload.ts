import { contextBridge, ipcRenderer, webUtils } from 'electron';

import { ipcChannels, type WindowBridge } from '../contract/wire.ts';

/** Tells the main process that a window was loaded anew and what the old page asked for is over. */
const documentId = crypto.randomUUID();
const listeners = new Map<string, Set<(payload: Uint8Array) => void>>();
let lastCallId = 0;

const bridge: WindowBridge = {
  call(name, input) {
    checkName(name);
    if (!(input instanceof Uint8Array)) {
      throw new TypeError('The input of a call must be encoded.');
    }
    lastCallId += 1;
    const id = lastCallId;
    return {
      reply: ipcRenderer.invoke(
        ipcChannels.call,
        documentId,
        id,
        name,
        input,
      ) as Promise<Uint8Array>,
      abort: () => ipcRenderer.send(ipcChannels.abort, documentId, id),
    };
  },
  subscribe(name, listener) {
    checkName(name);
    const known = listeners.get(name);
    const ofName = known ?? new Set();
    if (!known) {
      listeners.set(name, ofName);
      ipcRenderer.send(ipcChannels.subscribe, documentId, name);
    }
    const own = (payload: Uint8Array): void => listener(payload);
    ofName.add(own);
    return () => {
      if (ofName.delete(own) && ofName.size === 0) {
        listeners.delete(name);
        ipcRenderer.send(ipcChannels.unsubscribe, documentId, name);
      }
    };
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

ipcRenderer.on(ipcChannels.event, (_event, name: string, payload: Uint8Array) => {
  for (const listener of [...(listeners.get(name) ?? [])]) {
    listener(payload);
  }
});

contextBridge.exposeInMainWorld('parzen', bridge);

/** The main process knows which names there are; here it only must be the name of something. */
function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^[a-z]+\.[a-zA-Z]+$/.test(name)) {
    throw new TypeError('The name of a call or an event must look like "area.name".');
  }
}
