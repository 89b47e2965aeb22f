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
  /** Whether `library.moveTo` can move it; not where it was named when the program was started. */
  readonly canMoveLibrary: boolean;
  /** Why the library is not where the settings say, if so. */
  readonly libraryProblem: string | null;
  readonly logPath: string | null;
  /** Whether `system.reveal` can show files. */
  readonly canReveal: boolean;
}

/** Where the build puts `ShippedPackages`, beside the page. */
export const shippedPackagesFile = 'licences.json';

/** What the program is made of besides itself, and under which terms. */
export interface ShippedPackages {
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    /** As SPDX writes it. */
    readonly licence: string;
    /** Index into `texts`; null where the package has none. */
    readonly text: number | null;
  }[];
  readonly texts: readonly string[];
}

/** Files of the program that the user may want to look at. */
const revealable = z.enum(['log', 'library']);

export const systemCalls = {
  'system.info': defineCall<SystemInfo>()(z.strictObject({})),
  /** Shows a file of the program in the system's file manager. Only where `SystemInfo.canReveal`. */
  'system.reveal': defineCall<void>()(z.strictObject({ what: revealable })),
};
