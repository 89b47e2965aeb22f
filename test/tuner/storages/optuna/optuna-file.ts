/** Runs `optuna_file.py`, and compares what it says with what Parzen reads. */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseDistribution } from '../../../../src-main/tuner/storages/distribution-json.ts';
import { parsePythonJson } from '../../../../src-main/tuner/python-json.ts';
import type { Storage } from '../../../../src-main/tuner/storages/storage.ts';
import { formatStoredTime } from '../../../../src-main/tuner/storages/stored-time.ts';
import type { Attrs, FrozenTrial } from '../../../../src-main/tuner/trial/frozen-trial.ts';
import { requirement } from '../../../helpers/requirements.ts';

interface DumpedTrial {
  trialId: number;
  number: number;
  state: string;
  values: number[] | null;
  start: string | null;
  complete: string | null;
  params: [string, unknown][];
  internalParams: number[];
  distributions: string[];
  intermediateValues: [number, number][];
  userAttrs: Attrs;
  systemAttrs: Attrs;
}

export interface DumpedStudy {
  studyName: string;
  directions: string[];
  userAttrs: Attrs;
  systemAttrs: Attrs;
  trials: DumpedTrial[];
}

const script = fileURLToPath(new URL('./optuna_file.py', import.meta.url));
const args = ['-W', 'ignore', script];
const env = { ...process.env, TZ: 'UTC' };

/** Needs the requirement `python-optuna`, as all of these. */
export function runOptuna(command: readonly string[], input = ''): string {
  return execFileSync(requirement('python-optuna').path, [...args, ...command], {
    input,
    encoding: 'utf8',
    env,
    stdio: 'pipe',
    maxBuffer: 1 << 28,
  });
}

/** Resolves when Optuna is done. */
export async function startOptuna(command: readonly string[]): Promise<void> {
  await promisify(execFile)(requirement('python-optuna').path, [...args, ...command], { env });
}

export function dumpWithOptuna(file: string): DumpedStudy[] {
  return parseDump(runOptuna(['dump', file]));
}

export function parseDump(text: string): DumpedStudy[] {
  return parsePythonJson(text) as unknown as DumpedStudy[];
}

/** The same of a storage of ours. Choices that are lists are left out, as only Optuna has them. */
export async function dumpStorage(storage: Storage): Promise<DumpedStudy[]> {
  const studies: DumpedStudy[] = [];
  for (const {
    studyId,
    studyName,
    directions,
    userAttrs,
    systemAttrs,
  } of await storage.getStudies())
    studies.push({
      studyName,
      directions: [...directions],
      userAttrs,
      systemAttrs,
      trials: (await storage.getTrials(studyId)).map(dumpTrial),
    });
  return studies;
}

function dumpTrial(trial: FrozenTrial): DumpedTrial {
  const time = (ms: number | null): string | null => (ms === null ? null : formatStoredTime(ms));
  return {
    trialId: trial.trialId,
    number: trial.number,
    state: trial.state,
    values: trial.values && [...trial.values],
    start: time(trial.startedAtMs),
    complete: time(trial.completedAtMs),
    params: Object.entries(trial.params),
    internalParams: Object.values(trial.internalParams),
    distributions: Object.values(trial.distributions).map((one) => JSON.stringify(one)),
    intermediateValues: [...trial.intermediateValues],
    userAttrs: trial.userAttrs,
    systemAttrs: trial.systemAttrs,
  };
}

/** Brings a dump of Optuna's into the form of `dumpStorage`. */
export function normalize(studies: readonly DumpedStudy[]): DumpedStudy[] {
  return studies.map((study) => ({
    ...study,
    trials: study.trials.map((trial) => ({
      ...trial,
      params: trial.params.map(([name, value]) => [
        name,
        Array.isArray(value) ? `[${value.join(', ')}]` : value,
      ]),
      distributions: trial.distributions.map((text) => JSON.stringify(parseDistribution(text))),
    })),
  }));
}
