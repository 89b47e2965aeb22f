interface Place {
  readonly studyName: string;
  readonly path: string;
}

/** The line that continues (or lists) the study in a terminal. */
export function cliLine({ studyName, path }: Place, isRunnable: boolean): string {
  const command = isRunnable ? 'resume' : 'trials';
  return `npx parzen ${command} ${quoteForShell(studyName)} --storage ${quoteForShell(path)}`;
}

/** A script that opens the same study with Optuna. */
export function pythonScript({ studyName, path }: Place): string {
  const url = `sqlite:///${path.replaceAll('\\', '/')}`;
  return [
    'import optuna',
    '',
    'study = optuna.load_study(',
    `    study_name=${quoteForPython(studyName)},`,
    `    storage=${quoteForPython(url)},`,
    ')',
    'print(study.trials_dataframe())',
  ].join('\n');
}

/** For a POSIX shell: single quotes, where the text needs them. */
function quoteForShell(argument: string): string {
  return /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** A Python string literal. JSON's escapes are Python's too. */
function quoteForPython(value: string): string {
  return JSON.stringify(value);
}
