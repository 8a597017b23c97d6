import { SEED } from '../../replay/plan.ts';
import { dataDir, EXIT_CODES, examples, json, type SwathCommand } from './options.ts';

export function fileCommands(program: SwathCommand): void {
  program
    .command('classify')
    .description('classify scene files, one shot, through the same state machine')
    .argument('<file...>', 'scene files, of any format in docs/formats.md')
    .option('--model <folder>', 'a model package to classify with; default: the promoted model')
    .addOption(json())
    .addOption(dataDir())
    .after(`
The files are sent into the inbox and count like any others.
${examples(
  'classify samples/droughtwatch/part-r-00012',
  "classify --json scenes/* | jq -r '[.file, .state, .drift.verdict] | @tsv'",
  'classify --model models/droughtwatch-baseline/1.1.0 scene.tfrecord',
)}
${EXIT_CODES}`)
    .runs(async () => (await import('../send/classify.ts')).classify);

  program
    .command('send')
    .description('send scene files into the inbox, and follow their runs to the end')
    .argument('<file...>', 'scene files, of any format in docs/formats.md')
    .option('--key-prefix <folder>', 'send them into this folder of the inbox')
    .option('--no-follow', 'send only')
    .somewhere()
    .after(`
A file's key is [folder/]<the first 12 digits of its SHA-256>/<its name>. A file that is already there is
not sent again: its run is followed, or started if it has none by the promoted model version yet.
${examples('send --stage dev scenes/*.tfrecord', 'send --stage dev --key-prefix north/2026 --no-follow scene.tfrecord')}
${EXIT_CODES}`)
    .runs(async () => (await import('../send/send.ts')).send);

  program
    .command('request')
    .description('request predictions for images or rows of values, or send a request file, and wait for the answer')
    .argument(
      '<file...>',
      'images that the model takes as one chip, and tables of values (.csv), sent as one request; or requests (.json)',
    )
    .option('--id <id>', 'the id of the request made of images and values; default: derived from its content')
    .option('--model <name[/version]>', 'the model to ask; default: the live one')
    .option('--no-follow', 'send only')
    .somewhere()
    .after(`
A request goes through the queue of requests, which a stage has if it was deployed with
--param="requests=true". docs/requests.md describes requests and answers. Sending a request again
predicts nothing twice: the same answer is printed again.

A table has a column for each band of the model, named in the first row, and each further row is an
input; other columns are ignored. A request has up to 1,000 inputs.
${examples('request chip.tif other.png', 'request values.csv --model landsat-statlog', 'request --stage dev r-17.json --json | jq .results')}

Exit code: 0 when every input has its prediction, 1 when an input has an error or a request is refused, 2 on wrong use.`)
    .runs(async () => (await import('../send/request.ts')).request);

  program
    .command('truth')
    .description('add ground truth for predicted chips, for accuracy, reports and alarms')
    .argument('<file>', 'a table with a row for each chip: CSV or Parquet')
    .option(
      '--model <name>',
      'the model whose predictions the truth is for; default: every model that predicted the chip',
    )
    .somewhere()
    .after(`
The column "truth" holds the name or value of a class, or a number. For a multi-label model it holds the names of the
labels, separated by ";", or "no label". For a model that makes maps it holds the path of a mask, relative to the table:
a GeoTIFF with the values of the classes. Rows with an empty truth are ignored. These columns identify the chip:
  scene and index, or scene and chip_id   a scene file's key; scene_version unless it is the current one
  request and id, or request and index    as in the answer over HTTP or by queue; index for an input without an id
"swath label export" writes such a table to fill in, with pictures; so does "swath sql --csv". Accuracy and areas take chips for drawn at random. Where they were chosen because the model is unsure, a column "sample"
says "least-certain": their truth is kept, but does not count.

Loading the same file again changes nothing. If a chip gets truth more than once, the latest counts, also over truth in
the scene file itself. Two rows for one chip, or a class that the model does not have, reject the whole file.
The next sweep ("swath sweep") writes a new revision of the days, and their reports.
${examples('truth truth.csv', 'truth labels.parquet --stage dev --model landsat-statlog --json')}

Exit code: 0 when every chip was predicted, 1 when some were not (they are listed), 2 on wrong use.`)
    .runs(async () => (await import('../runs/truth.ts')).truth);

  program
    .command('label')
    .description('choose chips whose truth a person should say next')
    .command('export')
    .description(
      'write pictures of chips, and a table to fill in for "swath truth": a random half, and the least certain',
    )
    .wholeNumber('--chips <count>', 'at most this many', [1, 100_000], 200)
    .option('--model <version>', 'the model that has predicted them, as NAME/VERSION; default: the live one')
    .option('--since <time>', 'only chips of files counted since: 30d, or a date', '30d')
    .wholeNumber('--seed <number>', 'the random seed for drawing chips', [0, 2 ** 32 - 1], SEED)
    .option('--to <folder>', 'the new folder', 'labels')
    .somewhere()
    .after(`
Half of the chips are drawn at random, so that their truths tell the accuracy and the areas of all. The others are those
that the model is least sure of, which teach it most: their truths are kept for training, and count nowhere. The column
"sample" says which are which. Chips whose truth counts already are left out; a truth that is known and does not count is
in the table already.

1. Look at each picture, and write what is true into the column "truth" of truth.csv, as "swath truth --help" says. The
   predictions are not shown, as they would influence you. For a model of rows, the table has the values.
2. To do fewer, delete the last rows: the first ones are such a choice, too.
3. Run "swath truth labels/truth.csv". Rows with an empty truth are ignored, so you can go on later.

The folder is there once it is complete. The same seed chooses the same chips until something new is predicted or told.
${examples('label export --chips 200', 'label export --model landsat-statlog/1.0.0 --since 7d --to labels-2 --stage dev')}`)
    .runs(async () => (await import('../labels/exportLabels.ts')).exportLabels);

  program
    .command('backfill')
    .description('start every file of the inbox that has no run, such as those that were there before Swath')
    .option('--since <time>', 'only files that arrived since: 90m, 12h, 3d, or a date')
    .option('--prefix <prefix>', 'only files whose keys begin with this')
    .wholeNumber('--limit <count>', 'start at most this many', [1])
    .wholeNumber('--at-once <count>', 'run at most this many at once', [1, 900], 50)
    .option('--dry-run', 'only print what would be started')
    .somewhere()
    .after(`
A scene file is a version of an object. Every version that is kept is started, also those that were overwritten.
--since narrows this to recent arrivals, and --dry-run prints how many there are.
Running it again starts nothing twice. A file that has a run is left alone, however that run ended.
${examples('backfill --stage dev --dry-run', 'backfill --stage dev --since 2026-01-01 --prefix north/')}`)
    .runs(async () => (await import('../send/backfill.ts')).backfill);

  program
    .command('redrive')
    .description("redrive a stage's dead-letter queue: events and requests that could not be delivered or processed")
    .wholeNumber('--limit <count>', 'at most this many', [1])
    .option('--dry-run', 'only print what would be put back')
    .addOption(json())
    .onStage('the stage; the embedded stack puts nothing back')
    .after(`
Each event of the dead-letter queue starts its execution, and each request goes back into the queue of requests
once; only then is the message removed. You can run it again at any time, also after an interruption: nothing is
lost or started twice. A message that is neither stays in the queue.

Exit code: 0 when no message is left, 1 when one is, 2 on wrong use.
${examples('redrive --stage dev --dry-run', 'redrive --stage dev')}`)
    .runs(async () => (await import('../send/redrive.ts')).redrive);
}
