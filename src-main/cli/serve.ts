import type { Command } from 'commander';

/**
 * `parzen serve` hands over to the browser server, which reads its options itself.
 *
 * @param entryUrl The command line's own entry: the server's lies beside it, among the sources as in the build.
 */
export function addServeCommand(program: Command, entryUrl: string): void {
  program
    .command('serve')
    .summary('serve the app to a browser')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      process.argv.splice(2, 1);
      const server = entryUrl.endsWith('.ts') ? '../server/main.ts' : './server.js';
      await import(/* @vite-ignore */ new URL(server, entryUrl).href);
    });
}
