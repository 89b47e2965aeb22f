import { z } from 'zod';
import { defineCall } from './define.ts';

export interface SystemInfo {
  readonly appVersion: string;
  /** How the window talks to the main side. */
  readonly shell: 'desktop' | 'browser';
  readonly platform: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly nCores: number;
  /** Whether `library.pickPath` can ask. */
  readonly hasNativeDialogs: boolean;
  readonly libraryPath: string;
  readonly logPath: string | null;
}

export const systemCalls = {
  'system.info': defineCall<SystemInfo>()(z.strictObject({})),
};
