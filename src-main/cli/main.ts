import { Command, CommanderError } from 'commander';
import { appVersion } from '../app-version.ts';
import { terminalMessage } from '../terminal-message.ts';
import { TunerError } from '../tuner/errors.ts';
import { addAnalysisCommands } from './analysis.ts';
import { addAskTellCommands } from './ask-tell.ts';
import { exitCodes, output } from './context.ts';
import { addModelCommands } from './models.ts';
import { addRunCommands } from './run.ts';
import { addServeCommand } from './serve.ts';
import { addStudyCommands } from './studies.ts';

const program = new Command('parzen')
  .description(
    'Tunes the hyperparameters of neural networks. Studies are kept in Optuna’s own SQLite files.',
  )
  .version(appVersion)
  .showHelpAfterError('(parzen --help says more)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  parzen run iris --seed 1                     tune the built-in study
  parzen run my-study.yaml --storage my.db     tune your own, kept in my.db
  parzen resume my-study --storage my.db --trials 200
  parzen serve                                 the app, in a browser
  parzen export my-study --storage my.db --csv trials.csv

Exit codes: 0 done; 1 could not be done (the reason is on stderr); 2 wrong command line;
130 stopped by Ctrl-C, 143 by SIGTERM and 141 because nobody reads the output any more (running trials are
back in the queue).`,
  );

addRunCommands(program);
addStudyCommands(program);
addAskTellCommands(program);
addAnalysisCommands(program);
addModelCommands(program);
addServeCommand(program, import.meta.url);
// Subcommands do not inherit the settings made after them.
for (const command of program.commands)
  command.exitOverride().showHelpAfterError('(--help says more)');

let isEnding = false;
for (const stream of [process.stdout, process.stderr]) stream.on('error', endWithoutReader);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else {
    process.exitCode = exitCodes.failed;
    if (error instanceof TunerError) console.error(`parzen: ${terminalMessage(error)}`);
    else throw error;
  }
}

/** Where output goes to a pipe that was closed, or to a full disk, there is nobody to tell but the exit code. */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    console.error(`parzen: The output could not be written: ${error.message}`);
    process.exit(exitCodes.failed);
  }
  process.exitCode = exitCodes.brokenPipe;
  // A run has trials to put back first.
  if (isEnding) return;
  isEnding = true;
  if (!output.emit('closed')) process.exit();
}
