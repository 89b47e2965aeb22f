import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { temporaryFolder } from '../helpers/cli.ts';
import { requirement, requirements } from '../helpers/requirements.ts';
import { call, startServices } from '../helpers/services.ts';

const needs = requirements('python-optuna-dashboard');
const fixture = fileURLToPath(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url));

/** Prints the notes of the first study and of its trial 3, and writes others. */
const script = `
import json, sys
import optuna, optuna_dashboard
from optuna_dashboard._note import get_note_from_system_attrs
storage = optuna.storages.RDBStorage(sys.argv[1])
name = storage.get_study_name_from_id(1)
study = optuna.load_study(study_name=name, storage=storage)
trial = optuna.trial.Trial(study, study.trials[3]._trial_id)
attrs = storage.get_study_system_attrs(1)
read = [get_note_from_system_attrs(attrs, trial_id)['body'] for trial_id in (None, trial._trial_id)]
optuna_dashboard.save_note(study, sys.argv[2])
optuna_dashboard.save_note(trial, sys.argv[3])
print(json.dumps(read))
`;

describe.skipIf(needs.missing)(needs.title('notes in real Optuna Dashboard'), () => {
  it('are read there as they were written here, and the other way round', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'optuna.db');
    copyFileSync(fixture, file);
    const { handlers } = await startServices(folder);
    const { storageId } = await handlers['library.openFile']({ path: file }, call);
    const of = (trialNumber: number | null) => ({
      key: { storageId, studyId: 1 },
      trialNumber,
    });
    const ours = ['# Study\n\n| a |\n| - |\n| é🎲 |', '🎲'.repeat(3000)];
    const theirs = ['**theirs**', '- [x] `done`\n'.repeat(400)];
    await handlers['notes.set']({ ...of(null), version: 0, text: ours[0] as string }, call);
    await handlers['notes.set']({ ...of(3), version: 0, text: ours[1] as string }, call);

    const { path: python } = requirement('python-optuna-dashboard');
    const args = ['-c', script, `sqlite:///${file}`, ...theirs];
    expect(JSON.parse(execFileSync(python, args, { encoding: 'utf8' }))).toEqual(ours);
    expect(await handlers['notes.get'](of(null), call)).toEqual({ version: 2, text: theirs[0] });
    expect(await handlers['notes.get'](of(3), call)).toEqual({ version: 2, text: theirs[1] });
  });
});
