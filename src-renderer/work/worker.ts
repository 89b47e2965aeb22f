import { createDispatcher } from './dispatcher.ts';
import type { WorkerRequest } from './messages.ts';

const dispatch = createDispatcher((answer, transfer) => postMessage(answer, { transfer }));
addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => dispatch(data));
