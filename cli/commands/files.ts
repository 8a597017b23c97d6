import type { Command } from 'commander';
import { SEED } from '../../replay/plan.ts';
import {
  atOnce,
  count,
  dataDir,
  dayNumber,
  EXIT_CODES,
  examples,
  json,
  lazily,
  minutes,
  profile,
  region,
  seed,
  somewhere,
  stageName,
} from './options.ts';

/** Files on their way in. */
export function fileCommands(program: Command): void {
  program
    .command('classify')
    .description('classify scene files, one shot, through the same state machine')
    .argument('<file...>', 'scene files, of any format in docs/formats.md')
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
  'classify --model models/droughtwatch-baseline/1.1.0 scene.tfrecord',
)}
${EXIT_CODES}`,
    )
    .action(lazily(async () => (await import('../classify.ts')).classify));

  somewhere(
    program
      .command('send')
      .description('send scene files into the inbox, and follow their runs to the end')
      .argument('<file...>', 'scene files, of any format in docs/formats.md')
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
    .action(lazily(async () => (await import('../send.ts')).send));

  somewhere(
    program
      .command('request')
      .description('ask for predictions of images, rows of values, or a request in a file, and wait for the answer')
      .argument(
        '<file...>',
        'images of the size that the model takes, and tables of values (.csv), which are one request; or requests (.json)',
      )
      .option('--id <id>', 'the id of the request of images and values; default: by what it asks for')
      .option('--model <name[/version]>', 'the model that is asked; default: the one that is live')
      .option('--no-follow', 'send only'),
  )
    .addHelpText(
      'after',
      `
A request goes through the queue of requests, which a stage has where it was deployed with
--param="requests=true". What it may say, and what is answered, is in docs/requests.md. Sent again,
it is the one that is there: nothing is predicted twice, and its answer is told again.

A table has a column for each band of the model, by its name in the first row, and each row is an
input; other columns are passed over. One request has 1,000 inputs at most.
${examples('request chip.tif other.png', 'request values.csv --model landsat-statlog', 'request --stage dev r-17.json --json | jq .results')}

Exit code: 0 when every input has its prediction, 1 when one has an error or a request is refused, 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('../request.ts')).request));

  somewhere(
    program
      .command('truth')
      .description('tell what is true of chips that were predicted, so that accuracy, reports and alarms know')
      .argument('<file>', 'a table with a row for each chip: CSV or Parquet')
      .option('--model <name>', 'the model whose predictions are meant; default: each that has predicted the chip'),
  )
    .addHelpText(
      'after',
      `
The column truth has a class's name or its value, or a number; of a model of several labels their names with ";" between
two, or "no label"; of a model of maps the path of a mask from where the table lies, a GeoTIFF with the classes' values.
A row where it is empty says nothing yet. The chip is named by
  scene and index, or scene and chip_id   a scene file's key; scene_version where it is not the one that lies there now
  request and id, or request and index    as the answer over HTTP or by queue has it; index where an input has no id
So what "swath sql" writes of the predictions needs the column truth and nothing else:
  $ npx swath sql "SELECT scene, chip_id, '' AS truth FROM predictions ORDER BY probability LIMIT 100" --csv > truth.csv

The same file once more changes no number. Of two words on one chip the later one counts, also against what the
scene file itself says; two in one file are refused, and so is a class that the model has not: then nothing is
joined. The days get a new revision with the next sweep ("swath sweep"), and reports of these days with it.
${examples('truth truth.csv', 'truth labels.parquet --stage dev --model landsat-statlog --json')}

Exit code: 0 when every chip was predicted, 1 when some were not, which are told, 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('../truth.ts')).truth));

  somewhere(
    program
      .command('backfill')
      .description('start every file of the inbox that no run knows, such as those that lay there before')
      .option('--since <time>', 'only files that arrived since then: 90m, 12h, 3d, or a date')
      .option('--until <time>', 'only files that arrived before then')
      .option('--prefix <prefix>', 'only files whose keys begin so')
      .option('--limit <count>', 'start at most so many', count)
      .option('--at-once <count>', 'have at most so many on their way at once', atOnce, 50)
      .option('--dry-run', 'only say what would be started'),
  )
    .addHelpText(
      'after',
      `
A scene file is a version of an object: every version that is kept is started, those that were overwritten
too. --since narrows it to what arrived lately, and --dry-run says how many there are.
Running it again starts nothing twice. A file that a run knows, however that ended, is left alone.
${examples('backfill --stage dev --dry-run', 'backfill --stage dev --since 2026-01-01 --prefix north/')}`,
    )
    .action(lazily(async () => (await import('../backfill.ts')).backfill));

  program
    .command('redrive')
    .description('put back events and requests of a stage that could not be delivered or taken')
    .option('--limit <count>', 'at most so many', count)
    .option('--dry-run', 'only say what would be put back')
    .addOption(json())
    .option('--stage <stage>', 'the stage; the embedded stack puts nothing back', stageName)
    .addOption(region())
    .addOption(profile())
    .addHelpText(
      'after',
      `
Each event of the dead-letter queue starts its execution, and each request goes back into the queue of requests,
once; only then is it removed. Running it again, after an interruption too, loses nothing and starts nothing
twice. A message that is neither is left.

Exit code: 0 when nothing is left, 1 when a message is, 2 on wrong use.
${examples('redrive --stage dev --dry-run', 'redrive --stage dev')}`,
    )
    .action(lazily(async () => (await import('../redrive.ts')).redrive));

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
    .action(lazily(async () => (await import('../replay.ts')).replay));
}
