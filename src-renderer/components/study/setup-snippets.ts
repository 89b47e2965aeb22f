interface Place {
  readonly studyName: string;
  readonly path: string;
}

/** The line that continues (or lists) the study in a terminal. */
export function cliLine({ studyName, path }: Place, isRunnable: boolean): string {
  const command = isRunnable ? 'resume' : 'trials';
  return `npx parzen ${command} ${quoteForShell(studyName)} --storage ${quoteForShell(path)}`;
}

/** For a POSIX shell: single quotes, where the text needs them. */
function quoteForShell(argument: string): string {
  return /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
