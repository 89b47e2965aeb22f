import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

describe('parzen retrain, repeat, test and clean-models', () => {
  it('go from a study to a test score', async () => {
    const folder = temporaryFolder();
    const storage = ['--storage', join(folder, 'iris.db')];
    await runCli(['run', 'iris', '--seed', '1', '--trials', '5', '--quiet', ...storage]);
    const study = 'iris_classification';

    const retrained = await runCli(['retrain', study, '--seeds', '2', '--json', ...storage]);
    expect(retrained.code).toBe(0);
    const model = JSON.parse(retrained.stdout) as { id: string; members: unknown[] };
    expect(model.members).toHaveLength(2);

    const repeated = await runCli(['repeat', study, '--top', '2', '--seeds', '2', ...storage]);
    expect(repeated.stdout).toMatch(/^trial +in the search +mean +deviation\n/);
    expect(repeated.stdout.trim().split('\n')).toHaveLength(3);

    const tested = await runCli(['test', study, ...storage]);
    expect(tested).toMatchObject({ code: 0 });
    expect(tested.stdout).toMatch(
      /^30 test rows, looked at for the first time\.\nscore +value +95 % interval\naccuracy .* to /,
    );
    expect(tested.stdout).toMatch(/2 networks together/);
    const again = await runCli(['test', study, '--ensemble', '3', ...storage]);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/looked at once already.* --again says so\./);
    const confirmed = await runCli(['test', study, '--again', '--json', ...storage]);
    expect(JSON.parse(confirmed.stdout)).toMatchObject({
      look: 1,
      choice: { type: 'retrained', id: model.id },
    });

    const tables = new URL('../../resources/tables/iris.csv', import.meta.url);
    const predicted = await runCli(['predict', study, fileURLToPath(tables), ...storage]);
    const lines = predicted.stdout.trim().split('\n');
    expect(lines[0]).toBe(
      `${readFileSync(tables, 'utf8').split('\n')[0]!.trim()},predicted_species,probability_setosa,probability_versicolor,probability_virginica`,
    );
    expect(lines).toHaveLength(151);
    expect(lines[1]).toMatch(/,setosa,setosa,(1|0\.9\d+),/);
    const out = join(folder, 'out');
    const exported = await runCli(['export-model', study, out, '--trial', '0', ...storage]);
    expect(exported.stdout.trim()).toBe(join(out, 'predict.mjs'));
    const onnx = ['--ensemble', '2', '--format', 'onnx'];
    const asOnnx = await runCli(['export-model', study, out, ...onnx, ...storage]);
    expect(asOnnx.stdout.trim()).toBe(join(out, 'model.onnx'));

    const cleaned = await runCli(['clean-models', study, '--all', '--json', ...storage]);
    expect(JSON.parse(cleaned.stdout)).toMatchObject({ nFiles: 7 });
    expect(readdirSync(join(folder, 'iris.db.models'))).toEqual([]);
  });
});
