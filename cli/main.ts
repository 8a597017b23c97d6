import { Command, CommanderError, Option } from 'commander';
import { fifteenDays, SEED } from '../replay/plan.ts';
import { exitCodeOf, sentenceOf, WrongUse } from './failure.ts';
import { printable } from './text.ts';

/** Runs the command line and sets the exit code; nobody sees a stack trace unless they ask for it. */
export async function main(argv: string[]): Promise<void> {
  const program = commandLine();
  const tell = (error: unknown) => {
    console.error(program.opts()['debug'] === true ? error : `swath: ${sentenceOf(error)}`);
    process.exitCode = exitCodeOf(error);
  };
  // The tables throw where nobody can catch it when the disk has no room left for them.
  process.once('uncaughtException', (error) => {
    tell(error);
    process.exit();
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else tell(error);
  }
}

function commandLine(): Command {
  const program = new Command('swath')
    .description('Classifies satellite scenes as they land, and watches the predictions drift.')
    .option('--debug', 'show where an error came from')
    .helpCommand(false)
    .showHelpAfterError('Try "swath --help".')
    .configureHelp({ showGlobalOptions: true })
    // Its messages repeat arguments, which may hold anything.
    .configureOutput({ writeErr: (text) => process.stderr.write(text.split('\n').map(printable).join('\n')) })
    .exitOverride();

  const dataDir = () =>
    new Option('--data-dir <folder>', 'where the embedded stack keeps everything').default('.swath');
  const stage = () => new Option('--stage <stage>', 'look at a deployed stage instead of the embedded stack');
  const region = () => new Option('--region <region>', 'of the stage; default: as the AWS command line has it');
  const profile = () => new Option('--profile <name>', 'the AWS credentials to use');
  const json = () => new Option('--json', 'print JSON for scripts, and nothing else, on stdout');

  program
    .command('start')
    .description('bring the embedded stack up, replay fifteen days into a new folder, and watch the inbox')
    .addOption(dataDir())
    .option('--empty', 'without the bundled scenes and the fifteen days')
    .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber)
    .action(lazily(async () => (await import('./start.ts')).start));

  program
    .command('classify')
    .description('classify scene files, one shot, through the same state machine')
    .argument('<file...>', 'TFRecord files of tf.train.Example records')
    .option('--model <folder>', 'a model package to classify with; default: the promoted model')
    .addOption(json())
    .addOption(dataDir())
    .addHelpText(
      'after',
      `
What is classified is sent into the inbox and counts like any other file.

Examples:
  $ npx swath classify samples/droughtwatch/part-r-00012
  $ npx swath classify --json scenes/* | jq -r '[.file, .state, .drift.verdict] | @tsv'
  $ npx swath classify --model models/droughtwatch-baseline/1.0.0 scene.tfrecord

Exit code: 0 when every file is done, empty, a duplicate or was done before;
1 when one failed or is invalid; 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('./classify.ts')).classify));

  program
    .command('runs')
    .description('list what the ledger knows, the newest first')
    .option('--state <state>', 'only runs in this state, such as FAILED')
    .option('--since <time>', 'only runs that changed since then: 90m, 12h, 3d, or a date')
    .option('--limit <count>', 'at most so many', count, 20)
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./runs.ts')).runs));

  program
    .command('show')
    .description('show the whole story of one run')
    .argument('<run>', 'its id, as "swath runs" prints it')
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./show.ts')).show));

  program
    .command('retry')
    .description('try a failed run once more')
    .argument('<run>', 'its id, as "swath runs" prints it')
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./retry.ts')).retry));

  program
    .command('doctor')
    .description('look at all that has to be in place, and say what is wrong and what to do')
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .addHelpText(
      'after',
      `
A canary shows whether a file's event arrives: a small object under swath-canary/ in the inbox, which is
taken away again. It ends before classification and counts nowhere.

Exit code: 0 when all is well, 1 when something is wrong, 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('./doctor.ts')).doctor));

  program
    .command('backfill')
    .description('start every file of the inbox that no run knows, such as those that lay there before')
    .option('--since <time>', 'only files that arrived since then: 90m, 12h, 3d, or a date')
    .option('--until <time>', 'only files that arrived before then')
    .option('--prefix <prefix>', 'only files whose keys begin so')
    .option('--limit <count>', 'start at most so many', count)
    .option('--at-once <count>', 'have at most so many on their way at once', atOnce, 50)
    .option('--dry-run', 'only say what would be started')
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .addHelpText(
      'after',
      `
Running it again starts nothing twice. A file that a run knows, however that ended, is left alone.`,
    )
    .action(lazily(async () => (await import('./backfill.ts')).backfill));

  program
    .command('redrive')
    .description('put back the events of a stage that could not be delivered')
    .option('--limit <count>', 'at most so many', count)
    .option('--dry-run', 'only say what would be put back')
    .addOption(json())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .addHelpText(
      'after',
      `
Each event of the dead-letter queue starts its execution, and is removed only then: running it again, after
an interruption too, loses nothing and starts nothing twice. A message that is no event of Swath's is left.

Exit code: 0 when nothing is left, 1 when a message is, 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('./redrive.ts')).redrive));

  program
    .command('report')
    .description("write a day's report to send: the verdict, its numbers and the least certain chips")
    .option('--day <day>', 'a UTC day such as 2026-01-31; default: the last one that is over')
    .option('--out <file>', 'write a copy of the page there as well; of several model versions, one each')
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./dailyReport.ts')).dailyReport));

  program
    .command('console')
    .description('serve a page about the embedded stack or a stage, on this machine only')
    .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber)
    .addOption(json())
    .addOption(dataDir())
    .addOption(stage())
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./console.ts')).serveConsole));

  program
    .command('replay')
    .description('send the fifteen days of the demonstration to a deployed stage, each pressed into minutes')
    .addOption(new Option('--stage <stage>', 'the stage; on this machine, "swath start" replays them by itself'))
    .option('--minutes-per-day <minutes>', 'how long a day takes', minutes, 5)
    .option('--from-day <day>', 'the day to begin with, from 1 to 15', dayNumber, 1)
    .option('--seed <number>', 'what chips are drawn by; files of a seed that were sent before count once', seed, SEED)
    .addOption(region())
    .addOption(profile())
    .action(lazily(async () => (await import('./replay.ts')).replay));

  return program;
}

function portNumber(text: string): number {
  return wholeNumber('--port', text, 1, 65535);
}

function count(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new WrongUse(`--limit: found ${JSON.stringify(text)}, allowed is a whole number from 1 on.`);
  return limit;
}

function atOnce(text: string): number {
  return wholeNumber('--at-once', text, 1, 900);
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1440) return value;
  throw new WrongUse(`--minutes-per-day: found ${JSON.stringify(text)}, allowed is a number above 0, up to 1440.`);
}

function dayNumber(text: string): number {
  return wholeNumber('--from-day', text, 1, fifteenDays.length);
}

function seed(text: string): number {
  return wholeNumber('--seed', text, 0, 2 ** 32 - 1);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most || text.trim() === '')
    throw new WrongUse(`${option}: found ${JSON.stringify(text)}, allowed is a whole number from ${least} to ${most}.`);
  return value;
}

/** A command's code is loaded when it is called: each brings along what no other needs. */
function lazily<Given extends unknown[]>(load: () => Promise<(...given: Given) => Promise<void>>) {
  return async (...given: Given) => (await load())(...given);
}
