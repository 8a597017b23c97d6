import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import packageFile from '../package.json' with { type: 'json' };
import { addCommands } from './commands/commands.ts';
import { exitCodeOf, printable, sentenceOf } from './terminal/output.ts';

export async function main(argv: string[]): Promise<void> {
  const program = commandLine();
  // Ends without a word where nobody reads the output any more, as with `| head`, with the code of a tool that SIGPIPE has ended.
  const endIfUnread = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' && process.exit(141);
  process.stderr.on('error', endIfUnread); // one that takes nothing, such as on a full disk, changes no exit code
  process.stdout.on('error', (error) => {
    endIfUnread(error);
    throw error;
  });
  // The embedded tables throw uncatchable errors when the disk is full.
  process.once('uncaughtException', (error) => {
    tell(error, program);
    process.exit();
  });
  await run(argv, program);
}

/** Runs a command line and sets the exit code; nobody sees a stack trace unless they ask for it. */
export async function run(argv: string[], program = commandLine()): Promise<void> {
  await program.parseAsync(argv).catch((error: unknown) => {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else tell(error, program);
  });
}

function tell(error: unknown, program: Command): void {
  console.error(program.opts()['debug'] === true ? printableLines(inspect(error)) : `swath: ${sentenceOf(error)}`);
  process.exitCode = exitCodeOf(error);
}

/** Makes a text of several lines printable: it may contain arbitrary arguments. */
const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

export function commandLine(): Command {
  const program = new Command('swath')
    .description('Classifies satellite scenes as they land, and watches the predictions drift.')
    .option('--debug', 'show where an error came from')
    .version(packageFile.version, '--version', 'print the version')
    .helpCommand('help [command]', 'display help for command')
    .configureHelp({ showGlobalOptions: true })
    // Its messages repeat arguments, which may contain anything.
    .configureOutput({ writeErr: (text) => process.stderr.write(printableLines(text.replace(MANY, '$1, ….'))) })
    .exitOverride();
  addCommands(program);
  hintAtHelp(program, program.name());
  return program;
}

/** The first five of too many arguments, as of a pattern that the shell has expanded, and the others. */
const MANY = /(but got \d+: (?:[^,\n]*, ){4}[^,\n]*), .*/;

function hintAtHelp(command: Command, path: string): void {
  command.showHelpAfterError(`Try "${path} --help".`);
  for (const one of command.commands) hintAtHelp(one, `${path} ${one.name()}`);
}
