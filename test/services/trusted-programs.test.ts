import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type { UntrustedProgram } from '../../src-main/contract/runs.ts';
import { ServiceError } from '../../src-main/services/errors.ts';
import type { Services } from '../../src-main/services/services.ts';
import { TrustedPrograms } from '../../src-main/services/trusted-programs.ts';
import { hashOf, type Program } from '../../src-main/training/programs.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';

const command: Program = { kind: 'command', command: ['sh', 'a.sh'], folder: '/a' };
const module: Program = { kind: 'module', path: '/a/b.ts', sha256: '1' };

describe('TrustedPrograms', () => {
  it('trusts exactly what was added, also when started again', () => {
    const path = join(temporaryFolder(), 'deep', 'trusted.json');
    const trusted = new TrustedPrograms(path);
    const late = new TrustedPrograms(path);
    for (const program of [command, module]) {
      expect(trusted.has(program)).toBe(false);
      trusted.add(program);
      expect(late.has(program)).toBe(true);
    }
    for (const other of [
      { ...command, command: ['sh', 'a.sh', ''] },
      { ...command, folder: '/' },
      { ...module, sha256: '2' },
      { ...module, path: '/a/c.ts' },
    ])
      expect(late.has(other)).toBe(false);
  });

  it('says that a module was changed, and forgets what it was', () => {
    const trusted = new TrustedPrograms(null);
    trusted.add(module);
    const changed = { ...module, sha256: '2' };
    try {
      trusted.assertTrusted(changed);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ServiceError);
      expect(error).toMatchObject({
        code: 'OBJECTIVE_NOT_TRUSTED',
        message: expect.stringContaining('was changed since you agreed') as unknown,
        details: { program: changed, isChanged: true },
      });
    }
    trusted.add(changed);
    expect(trusted.has(module)).toBe(false);
  });

  it('trusts nothing when its file is broken', () => {
    const path = join(temporaryFolder(), 'trusted.json');
    const trusted = new TrustedPrograms(path);
    for (const broken of ['{', '{}', '[null, 3, {"kind": "command"}, {"kind": "module"}]']) {
      writeFileSync(path, broken);
      expect(trusted.has(command)).toBe(false);
      expect(trusted.has(module)).toBe(false);
    }
    trusted.add(command);
    expect(new TrustedPrograms(path).has(command)).toBe(true);
  });
});

describe('a study with a program of its own', () => {
  /** A module that leaves a mark when it is loaded. */
  function marking(): { module: string; mark: string } {
    const folder = temporaryFolder();
    const [path, mark] = [join(folder, 'own.mjs'), join(folder, 'mark')];
    writeFileSync(
      path,
      `import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(mark)}, 'x');
export const objective = (trial) => trial.suggestFloat('x', 0, 1);\n`,
    );
    return { module: path, mark };
  }

  async function create(services: Services, path: string): Promise<StudyKey> {
    const spec = { name: 'own', run: { module: path }, stop: { trials: 3 } };
    return services.handlers['studies.create']({ spec }, call);
  }

  async function refusal(services: Services, key: StudyKey): Promise<UntrustedProgram> {
    const error: unknown = await services.handlers['runs.start']({ key }, call).then(
      () => new Error('It was started.'),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'OBJECTIVE_NOT_TRUSTED' });
    return (error as ServiceError).details as UntrustedProgram;
  }

  it('runs nothing until the user agreed, and asks again when the module was changed', async () => {
    const services = await startServices();
    const { module: path, mark } = marking();
    const key = await create(services, path);
    await services.handlers['studies.get']({ key }, call);
    expect(await refusal(services, key)).toEqual({
      program: { kind: 'module', path, sha256: hashOf(path) },
      isChanged: false,
    });
    expect(existsSync(mark)).toBe(false);
    expect(services.runs.get(key)).toBeNull();

    await services.handlers['runs.start']({ key, trust: true }, call);
    expect(await services.runs.ended(key)).toMatchObject({ state: 'finished', finishedTrials: 3 });
    expect(readFileSync(mark, 'utf8')).toBe('x');

    await services.handlers['runs.start']({ key, targetTrials: 4 }, call);
    expect(await services.runs.ended(key)).toMatchObject({ finishedTrials: 4, backend: null });

    appendFileSync(path, '// another\n');
    expect(await refusal(services, key)).toMatchObject({ isChanged: true });
    expect(readFileSync(mark, 'utf8')).toBe('xx');
  });

  it('is told of by its metric names and directions', async () => {
    const services = await startServices();
    const { module: path } = marking();
    const objective = [{ name: 'cost' }, { name: 'gain', direction: 'maximize' }];
    const spec = { name: 'own', run: { module: path }, objective };
    const key = await services.handlers['studies.create']({ spec }, call);
    const { summary } = await services.handlers['studies.get']({ key }, call);
    expect(summary).toMatchObject({
      metricNames: ['cost', 'gain'],
      directions: ['minimize', 'maximize'],
      isRunnable: true,
    });
  });

  it('is not created when its module is not there', async () => {
    const services = await startServices();
    await expect(create(services, '/no/such/module.ts')).rejects.toMatchObject({
      code: 'INVALID_SPEC',
      message: expect.stringContaining(
        '`run.module`: must be a file that exists, but there is no',
      ) as unknown,
    });
  });
});
