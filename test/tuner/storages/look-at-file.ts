/**
 * Run as another user, so that permissions count also where the tests run as root: opens a file in the ways given and prints what came
 * of each as JSON.
 *
 *     node look-at-file.ts FILE '[{"readOnly": true}, {}]'
 */
import { openStorage, type OpenStorageOptions } from '../../../src-main/open-storage.ts';

interface Look {
  /** The code of the error, or null. */
  error: string | null;
  message: string;
  nStudies: number;
  /** The code of the error of a write, or null. */
  writeError: string | null;
}

async function look(file: string, options: OpenStorageOptions): Promise<Look> {
  try {
    const storage = await openStorage(file, options);
    const nStudies = (await storage.getStudies()).length;
    const writeError = await storage.createStudy(['minimize'], `written ${nStudies}`).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    await storage.close();
    return { error: null, message: '', nStudies, writeError };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { error: code, message, nStudies: 0, writeError: null };
  }
}

const [file = '', ways = '[]'] = process.argv.slice(2);
const looks: Look[] = [];
for (const options of JSON.parse(ways) as OpenStorageOptions[])
  looks.push(await look(file, options));
console.log(JSON.stringify(looks));
