import { Command, CommanderError, Option } from 'commander';
import { fifteenDays, SEED } from '../replay/plan.ts';
import { exitCodeOf, sentenceOf, WrongUse } from './failure.ts';
import { printable } from './text.ts';
import { DATA_DIR } from './where.ts';

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

  program
    .command('start')
    .description('bring the embedded stack up, replay fifteen days into a new folder, and watch the inbox')
    .addOption(dataDir())
    .option('--empty', 'without the bundled scenes and the fifteen days')
    .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber)
    .addHelpText('after', examples('start', 'start --empty --data-dir /tmp/swath'))
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
${examples(
  'classify samples/droughtwatch/part-r-00012',
  "classify --json scenes/* | jq -r '[.file, .state, .drift.verdict] | @tsv'",
  'classify --model models/droughtwatch-baseline/1.0.0 scene.tfrecord',
)}
${EXIT_CODES}`,
    )
    .action(lazily(async () => (await import('./classify.ts')).classify));

  somewhere(
    program
      .command('send')
      .description('send scene files into the inbox, and follow their runs to the end')
      .argument('<file...>', 'TFRecord files of tf.train.Example records')
      .option('--key-prefix <folder>', 'the folder of the inbox to send them into')
      .option('--no-follow', 'send only'),
  )
    .addHelpText(
      'after',
      `
A file's key is [folder/]<the first 12 digits of its SHA-256>/<its name>: sent once more, it is there
already, and its run is followed, or started if it has none of the promoted model version yet.
${examples('send --stage dev scenes/*.tfrecord', 'send --stage dev --key-prefix north/2026 --no-follow scene.tfrecord')}
${EXIT_CODES}`,
    )
    .action(lazily(async () => (await import('./send.ts')).send));

  somewhere(
    program
      .command('runs')
      .description('list what the ledger knows, the newest first')
      .option('--state <state>', 'only runs in this state, such as FAILED')
      .option('--since <time>', 'only runs that changed since then: 90m, 12h, 3d, or a date')
      .option('--limit <count>', 'at most so many', count, 20),
  )
    .addHelpText('after', examples('runs --stage dev --state FAILED --since 1d', 'runs --limit 500 --json'))
    .action(lazily(async () => (await import('./runs.ts')).runs));

  somewhere(
    program
      .command('show')
      .description('show the whole story of one run, with what the functions have logged of it')
      .argument('<run>', 'its id, as "swath runs" prints it'),
  )
    .addHelpText('after', examples('show 0f3c…', "show 0f3c… --stage dev --json | jq '.logs[]'"))
    .action(lazily(async () => (await import('./show.ts')).show));

  somewhere(
    program
      .command('retry')
      .description('try a failed run once more')
      .argument('<run>', 'its id, as "swath runs" prints it'),
  )
    .addHelpText('after', examples('retry 0f3c… --stage dev'))
    .action(lazily(async () => (await import('./retry.ts')).retry));

  somewhere(
    program
      .command('sweep')
      .description('do now what the schedule does daily: start what was missed, judge the closed days, write reports')
      .option('--no-follow', 'start it only'),
  )
    .addHelpText(
      'after',
      `${examples('sweep --stage dev', "sweep --stage dev --json | jq '.started'")}

Exit code: 0 when the sweep is done, whatever it found; 1 when it failed; 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('./sweep.ts')).sweep));

  somewhere(
    program
      .command('logs')
      .description('show what the functions have logged, the oldest line first')
      .option('--run <run>', 'only lines that name this run')
      .option('--function <name>', 'only lines of this function, such as preprocess')
      .option('--since <time>', 'only lines since then: 15m, 12h, 3d, or a date', '15m')
      .option('--limit <count>', 'so many of the newest at most', count, 200)
      .option('--follow', 'go on with what comes, until Ctrl-C'),
  )
    .addHelpText(
      'after',
      examples(
        'logs --stage dev --function infer --since 2h',
        'logs --run 0f3c… --since 3d',
        'logs --stage dev --follow',
      ),
    )
    .action(lazily(async () => (await import('./logs.ts')).logs));

  const model = program
    .command('model')
    .description('publish model versions, and say which one classifies')
    .helpCommand(false);
  somewhere(
    model
      .command('publish')
      .description('publish a model package, once it is found to be whole and to run')
      .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
      .option('--promote', 'and let it classify what comes from now on'),
  )
    .addHelpText(
      'after',
      `
Its name and version stand in item.json. A version never changes: the same content once more does
nothing, other content is refused.
${examples('model publish models/droughtwatch-baseline/1.0.0 --promote --stage dev')}`,
    )
    .action(lazily(async () => (await import('./models.ts')).publish));
  somewhere(
    model
      .command('promote')
      .description('let a published version classify what comes from now on')
      .argument('<version>', 'as "swath model list" prints it'),
  )
    .addHelpText(
      'after',
      `\nA run uses one version from its start to its end.\n${examples('model promote 1.1.0 --stage dev')}`,
    )
    .action(lazily(async () => (await import('./models.ts')).promote));
  somewhere(model.command('rollback').description('promote the version again that was promoted before'))
    .addHelpText('after', examples('model rollback --stage dev'))
    .action(lazily(async () => (await import('./models.ts')).rollback));
  somewhere(model.command('list').description('list the versions of the model, and which one is promoted since when'))
    .addHelpText('after', examples('model list --stage dev', "model list --json | jq -r '.promoted.version'"))
    .action(lazily(async () => (await import('./models.ts')).list));

  somewhere(
    program
      .command('report')
      .description("write a day's report to send: the verdict, its numbers and the least certain chips")
      .option('--day <day>', 'a UTC day such as 2026-01-31; default: the last one that is over')
      .option('--out <file>', 'write a copy of the page there as well; of several model versions, one each'),
  )
    .addHelpText('after', examples('report --day 2026-01-31', 'report --stage dev --out report.html'))
    .action(lazily(async () => (await import('./dailyReport.ts')).dailyReport));

  somewhere(
    program
      .command('console')
      .description('serve a page about the embedded stack or a stage, on this machine only')
      .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber),
  )
    .addHelpText('after', examples('console --stage dev --region eu-central-1 --profile work'))
    .action(lazily(async () => (await import('./console.ts')).serveConsole));

  program
    .command('replay')
    .description('send the fifteen days of the demonstration to a deployed stage, each pressed into minutes')
    .option('--stage <stage>', 'the stage; on this machine, "swath start" replays them by itself', stageName)
    .option('--minutes-per-day <minutes>', 'how long a day takes', minutes, 5)
    .option('--from-day <day>', 'the day to begin with, from 1 to 15', dayNumber, 1)
    .option('--seed <number>', 'what chips are drawn by; files of a seed that were sent before count once', seed, SEED)
    .addOption(region())
    .addOption(profile())
    .addHelpText('after', examples('replay --stage dev --minutes-per-day 2'))
    .action(lazily(async () => (await import('./replay.ts')).replay));

  return program;
}

const dataDir = () => new Option('--data-dir <folder>', 'where the embedded stack keeps everything').default(DATA_DIR);
const region = () => new Option('--region <region>', 'of the stage; default: as the AWS command line has it');
const profile = () => new Option('--profile <name>', 'the AWS credentials to use');
const json = () => new Option('--json', 'print JSON for scripts, and nothing else, on stdout');

/** A command that is about the embedded stack or about a stage. */
function somewhere(command: Command): Command {
  return command
    .addOption(json())
    .addOption(dataDir())
    .option('--stage <stage>', 'a deployed stage instead of the embedded stack', stageName)
    .addOption(region())
    .addOption(profile());
}

function examples(...commands: string[]): string {
  return `\nExample${commands.length === 1 ? '' : 's'}:\n${commands.map((command) => `  $ npx swath ${command}`).join('\n')}`;
}

const EXIT_CODES = `
Exit code: 0 when every file is done, empty, a duplicate or was done before;
1 when one failed or is invalid; 2 on wrong use.`;

/** What the Serverless Framework takes as a stage. */
function stageName(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]*$/.test(text)) return text;
  throw new WrongUse(
    `--stage: found ${JSON.stringify(text)}, allowed are letters, digits and hyphens, a letter first, such as dev.`,
  );
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
