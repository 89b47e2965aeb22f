import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src-main/open-storage.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { runCli, startCli, temporaryFolder } from '../helpers/cli.ts';

interface RunResult {
  study: string;
  storage: string;
  nTrials: number;
  nComplete: number;
  nPruned: number;
  nFail: number;
  bestTrial: number;
  bestValue: number;
  bestParams: Record<string, unknown>;
  seconds: number;
  backend: string;
}

async function trialsOf(file: string, studyName: string): Promise<readonly FrozenTrial[]> {
  const storage = await openStorage(file);
  try {
    return await storage.getTrials(await storage.getStudyId(studyName));
  } finally {
    await storage.close();
  }
}

/** What must not depend on interruptions. */
const resultsOf = (trials: readonly FrozenTrial[]) =>
  trials.map(({ number, state, values, params, intermediateValues }) => ({
    number,
    state,
    values,
    params,
    intermediateValues,
  }));

describe('parzen run', () => {
  it('tunes the notebook’s network: 50 trials, best validation accuracy of at least 0.96', async () => {
    const file = join(temporaryFolder(), 'iris.db');
    const { code, stdout, stderr } = await runCli([
      'run',
      'iris',
      '--seed',
      '1',
      '--json',
      '--storage',
      file,
    ]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as RunResult;
    expect(result).toMatchObject({
      study: 'iris_classification',
      storage: file,
      nTrials: 50,
      nFail: 0,
    });
    expect(result.nComplete + result.nPruned).toBe(50);
    expect(result.nPruned).toBeGreaterThan(0);
    expect(result.bestValue).toBeGreaterThanOrEqual(0.96);
    expect(result.backend).not.toBe('');
    expect(stderr).toMatch(
      /Trial \d+ finished with value: .* and parameters: \{"n_layers":.*Best is trial \d+ with value: /,
    );
    const trials = await trialsOf(file, 'iris_classification');
    expect(trials[result.bestTrial]?.values).toEqual([result.bestValue]);
    expect(trials[result.bestTrial]?.params).toEqual(result.bestParams);
    // The notebook's names and ranges, and only the layers that a trial has.
    for (const { params, distributions } of trials) {
      const widths = Object.keys(params).filter((name) => name.startsWith('hidden_dim_layer_'));
      expect(widths).toHaveLength(params.n_layers as number);
      expect(distributions.learning_rate).toEqual({
        type: 'float',
        low: 1e-5,
        high: 0.1,
        log: true,
        step: null,
      });
      expect(distributions.weight_decay).toEqual({
        type: 'float',
        low: 1e-5,
        high: 0.01,
        log: true,
        step: null,
      });
      expect(distributions.dropout_rate).toEqual({
        type: 'float',
        low: 0,
        high: 0.5,
        log: false,
        step: null,
      });
      expect(distributions.hidden_dim_layer_0).toEqual({
        type: 'categorical',
        choices: [32, 64, 128, 256],
      });
    }
  });

  it('gives the same study for the same seed, and another for another', async () => {
    const folder = temporaryFolder();
    const run = async (name: string, seed: string) => {
      const file = join(folder, `${name}.db`);
      await runCli(['run', 'iris', '--seed', seed, '--trials', '12', '--quiet', '--storage', file]);
      return resultsOf(await trialsOf(file, 'iris_classification'));
    };
    const first = await run('a', '7');
    expect(first).toHaveLength(12);
    expect(await run('b', '7')).toEqual(first);
    expect(await run('c', '8')).not.toEqual(first);
  });

  it('keeps its own library when no file is named, and numbers names that are taken', async () => {
    const folder = temporaryFolder();
    for (const expected of ['iris_classification', 'iris_classification 2']) {
      const { stdout } = await runCli(
        ['run', 'iris', '--trials', '1', '--json', '--quiet'],
        folder,
      );
      expect((JSON.parse(stdout) as RunResult).study).toBe(expected);
    }
    const { stdout } = await runCli(['studies', '--json'], folder);
    expect(
      (JSON.parse(stdout) as { studyName: string }[]).map(({ studyName }) => studyName),
    ).toEqual(['iris_classification', 'iris_classification 2']);
  });

  it('says what is wrong with a spec and how to mend it, and leaves no study', async () => {
    const folder = temporaryFolder();
    const spec = join(folder, 'bad.yaml');
    writeFileSync(
      spec,
      'name: bad\ndata: { table: iris, target: species, task: classification, split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } } }\nnetwork: { depth: 1, width: 8 }\ntrainning: {}\n',
    );
    const file = join(folder, 'a.db');
    const { code, stderr, stdout } = await runCli(['run', spec, '--storage', file, '--json']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Did you mean `training`?');
    expect(stderr).not.toContain('    at ');
  });

  it('refuses a name that is taken', async () => {
    const file = join(temporaryFolder(), 'a.db');
    await runCli(['run', 'iris', '--name', 'mine', '--trials', '1', '--quiet', '--storage', file]);
    const { code, stderr } = await runCli([
      'run',
      'iris',
      '--name',
      'mine',
      '--trials',
      '1',
      '--storage',
      file,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('"mine" already exists');
  });

  it('runs trials side by side', async () => {
    const file = join(temporaryFolder(), 'a.db');
    const { stdout } = await runCli([
      'run',
      'iris',
      '--jobs',
      '2',
      '--trials',
      '8',
      '--json',
      '--quiet',
      '--storage',
      file,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ nTrials: 8, nFail: 0 });
    const trials = await trialsOf(file, 'iris_classification');
    const overlaps = trials.some((a, i) =>
      trials.some((b, j) => i < j && b.startedAtMs! < a.completedAtMs!),
    );
    expect(overlaps).toBe(true);
  });
});

/** A spec whose trials take a while, so that there is a middle to interrupt. */
function slowSpec(folder: string): string {
  const path = join(folder, 'slow.yaml');
  writeFileSync(
    path,
    `name: slow
data:
  table: digits
  target: digit
  task: classification
  split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 }, seed: 0 }
network: { depth: { int: [2, 3], name: n_layers }, width: { choices: [96, 128], name: "w_{layer}" }, dropout: { float: [0, 0.5] } }
training:
  optimizer: { type: adam, learningRate: { float: [0.0001, 0.1], log: true } }
  batchSize: 32
  epochs: 25
pruner: { type: median, options: { nStartupTrials: 2, nWarmupSteps: 8 } }
stop: { trials: 12 }
seed: 3
`,
  );
  return path;
}

describe('an interrupted run', () => {
  it('by Ctrl-C puts its trial back, says how to go on, and goes on as if it had not been', async () => {
    const folder = temporaryFolder();
    const spec = slowSpec(folder);
    const whole = join(folder, 'whole.db');
    await runCli(['run', spec, '--quiet', '--storage', whole]);
    const file = join(folder, 'stopped.db');
    const { child, result } = startCli(['run', spec, '--storage', file]);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => {
        if (/Trial 1 /.test(text)) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toContain(`parzen resume slow --storage ${file}`);
    const states = (await trialsOf(file, 'slow')).map(({ state }) => state);
    expect(states).not.toContain('running');
    expect(states.length).toBeLessThan(12);
    expect((await runCli(['resume', 'slow', '--quiet', '--storage', file])).code).toBe(0);
    expect(resultsOf(await trialsOf(file, 'slow'))).toEqual(
      resultsOf(await trialsOf(whole, 'slow')),
    );
  });

  it('by kill -9 at any moment loses no finished trial, and goes on as if it had not been', async () => {
    const folder = temporaryFolder();
    const spec = slowSpec(folder);
    const whole = join(folder, 'whole.db');
    await runCli(['run', spec, '--quiet', '--storage', whole]);
    const expected = resultsOf(await trialsOf(whole, 'slow'));

    const file = join(folder, 'killed.db');
    let nKilled = 0;
    for (let attempt = 0; ; attempt++) {
      const isFirst = attempt === 0;
      const args = isFirst ? ['run', spec] : ['resume', 'slow'];
      const { child, result } = startCli([...args, '--storage', file]);
      let acknowledged = 0;
      let isCounted = false;
      child.stderr?.on('data', (text: string) => {
        const numbers = [...text.matchAll(/Trial (\d+) /g)].map((match) => Number(match[1]) + 1);
        acknowledged = Math.max(acknowledged, ...numbers);
        // Every third one gets through a trial, however slow the machine is, so that this comes to an end.
        if (isCounted || (attempt % 3 === 1 && acknowledged === 0)) return;
        isCounted = true;
        setTimeout(() => child.kill('SIGKILL'), (attempt * 137) % 300);
      });
      // Another third is killed earlier: while it starts, or in its first trial.
      const early =
        attempt % 3 === 2 ? setTimeout(() => child.kill('SIGKILL'), 250 + 60 * attempt) : undefined;
      const { code } = await result;
      clearTimeout(early);
      const trials = await trialsOf(file, 'slow');
      const finished = trials.filter(({ completedAtMs }) => completedAtMs !== null);
      expect(finished.length).toBeGreaterThanOrEqual(acknowledged);
      expect(resultsOf(finished)).toEqual(expected.slice(0, finished.length));
      if (code === 0) break;
      nKilled++;
      expect(nKilled).toBeLessThan(60);
    }
    expect(nKilled).toBeGreaterThan(1);
    expect(resultsOf(await trialsOf(file, 'slow'))).toEqual(expected);
  });
});

describe('parzen resume', () => {
  it('refuses a study that Parzen did not create, and says why', async () => {
    const file = join(temporaryFolder(), 'optuna.db');
    copyFileSync(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url), file);
    const before = readFileSync(file);
    const { stdout } = await runCli(['studies', '--storage', file, '--json']);
    const [study] = JSON.parse(stdout) as { studyName: string; counts: Record<string, number> }[];
    expect(study?.counts).toMatchObject({ complete: 43, pruned: 7 });
    const { code, stderr } = await runCli(['resume', study?.studyName ?? '', '--storage', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('has no spec');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('notices that the table is another one', async () => {
    const folder = temporaryFolder();
    const table = join(folder, 'table.csv');
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i},${(i * 7) % 11},${i % 2 ? 'yes' : 'no'}`,
    );
    writeFileSync(table, `a,b,y\n${rows.join('\n')}\n`);
    const spec = join(folder, 'spec.yaml');
    writeFileSync(
      spec,
      'name: own\ndata: { table: table.csv, target: y, task: classification, split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } } }\nnetwork: { depth: 1, width: 8 }\ntraining: { optimizer: { type: adam, learningRate: { float: [0.001, 0.1], log: true } }, epochs: 3 }\nstop: { trials: 2 }\n',
    );
    const file = join(folder, 'a.db');
    expect((await runCli(['run', spec, '--quiet', '--storage', file])).code).toBe(0);
    writeFileSync(table, `a,b,y\n${rows.slice(1).join('\n')}\n`);
    const resume = ['resume', 'own', '--trials', '4', '--storage', file];
    const { code, stderr } = await runCli(resume);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'is not the one this study was created with: it has 59 rows in place of 60',
    );
    expect(stderr).toContain('--accept-changed-data says so.');
    const { stderr: refused } = await runCli(['retrain', 'own', '--storage', file]);
    expect(refused).toContain('`parzen resume --accept-changed-data` says so.');
    // Also where no trial is left to run.
    const accepted = ['resume', 'own', '--trials', '2', '--storage', file, '--accept-changed-data'];
    expect((await runCli(accepted)).code).toBe(0);
    const retrained = await runCli(['retrain', 'own', '--seeds', '1', '--storage', file]);
    expect(retrained).toMatchObject({ code: 0, stderr: '' });
    expect((await runCli(resume)).code).toBe(0);
  });
});
