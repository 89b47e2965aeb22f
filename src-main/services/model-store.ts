import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileError } from '../training/saved-model.ts';

/** Half written files younger than this may be somebody's who is still writing. */
const UNFINISHED_AGE_MS = 60_000;

/**
 * Where a study file's networks are kept; null where nothing is: studies in memory, in files that cannot be written, or in a database.
 *
 * The folder is one of Optuna's artifact stores: `FileSystemArtifactStore("studies.db.models")`.
 */
export function modelFolder(storageId: string, isReadOnly: boolean): string | null {
  if (isReadOnly || storageId === ':memory:' || /^\w+:\/\//.test(storageId)) return null;
  return `${storageId.replace(/^journal:/, '')}.models`;
}

/** A folder of files named by the SHA-256 of their content. Each is whole or not there. */
export class ModelStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes the content to disk before it resolves with its hash. */
  async put(content: Uint8Array): Promise<string> {
    const hash = sha256(content);
    const path = join(this.folder, hash);
    await mkdir(this.folder, { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      // On a full disk what is left of it would take the room that telling of it needs.
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    return hash;
  }

  /** Writes all of them or, where one cannot be written, none but those that were there before. */
  async putAll(contents: readonly Uint8Array[]): Promise<void> {
    const before = await this.sizes();
    const written: string[] = [];
    try {
      for (const content of contents) written.push(await this.put(content));
    } catch (error) {
      for (const hash of written)
        if (!before.has(hash)) await rm(join(this.folder, hash), { force: true }).catch(() => {});
      throw error;
    }
  }

  /** @throws ModelFileError where it is gone or damaged. */
  async get(hash: string): Promise<Uint8Array> {
    const path = join(this.folder, hash);
    const content = await readFile(path).catch((error: unknown) => {
      throw new ModelFileError(`The network in ${path} cannot be read. Train it again.`, {
        cause: error,
      });
    });
    if (sha256(content) !== hash)
      throw new ModelFileError(`The file ${path} is damaged. Delete it and train it again.`);
    return content;
  }

  /** The size in bytes of all that is there. */
  async sizes(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (const name of await this.#names()) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const found = await stat(join(this.folder, name)).catch(() => null);
      if (found) sizes.set(name, found.size);
    }
    return sizes;
  }

  /**
   * Deletes what nothing refers to and what a kill left half written; files of others stay.
   *
   * @param findReferenced Called when it is known which files there are. Files are referred to before they are there, so one that comes meanwhile is
   *   nobody's orphan.
   */
  async clean(
    findReferenced: () => Promise<ReadonlySet<string>>,
  ): Promise<{ nFiles: number; sizeBytes: number }> {
    let [nFiles, sizeBytes] = [0, 0];
    const names = await this.#names();
    const referenced = await findReferenced();
    for (const name of names) {
      if (!/^[0-9a-f]{64}(\.\d+\.tmp)?$/.test(name) || referenced.has(name)) continue;
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => null);
      if (!found || (name.endsWith('.tmp') && Date.now() - found.mtimeMs < UNFINISHED_AGE_MS))
        continue;
      await rm(path, { force: true });
      nFiles++;
      sizeBytes += found.size;
    }
    return { nFiles, sizeBytes };
  }

  async #names(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }
}

/** The name under which a content is kept. */
export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
