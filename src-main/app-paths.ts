import { join } from 'node:path';
import envPaths from 'env-paths';

export interface AppPaths {
  /** The library's own study file. */
  readonly library: string;
  readonly settings: string;
  /** Which programs of the user's own may be run. */
  readonly trusted: string;
  readonly log: string;
}

/** Where this user's files are kept: the platform's usual folders, or all below `PARZEN_DATA_DIR`. */
export function appPaths(): AppPaths {
  const own = process.env.PARZEN_DATA_DIR;
  const { data, config, log } = own
    ? { data: own, config: own, log: own }
    : envPaths('parzen', { suffix: '' });
  return {
    library: join(data, 'studies.db'),
    settings: join(config, 'settings.json'),
    trusted: join(config, 'trusted-programs.json'),
    log: join(log, 'parzen.log'),
  };
}
