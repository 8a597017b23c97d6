import { SEED } from '../../replay/plan.ts';
import { dataDir, json, type SwathCommand } from './options.ts';

export function fileCommands(program: SwathCommand): void {
  program
    .command('classify')
    .description('classify scene files, one shot, through the same state machine')
    .argument('<file...>', 'scene files, of any format in docs/formats.md')
    .option('--model <folder>', 'a model package to classify with; default: the promoted model')
    .addOption(json())
    .addOption(dataDir())
    .runs(async () => (await import('../send/classify.ts')).classify);

  program
    .command('send')
    .description('send scene files into the inbox, and follow their runs to the end')
    .argument('<file...>', 'scene files, of any format in docs/formats.md')
    .option('--key-prefix <folder>', 'send them into this folder of the inbox')
    .option('--no-follow', 'send only')
    .somewhere()
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
    .runs(async () => (await import('../labels/exportLabels.ts')).exportLabels);

  program
    .command('stac')
    .description('describe scenes that an agency delivers as a folder')
    .command('make')
    .description('write the STAC Item of a folder of Sentinel-2 or Landsat, which the inbox takes as one scene')
    .argument('<folder>', 'the folder with its metadata: *.SAFE, or *.assets for Landsat')
    .option(
      '--output <file>',
      "the Item, beside or above the folder; default: the scene's id and .stac.json, beside it",
    )
    .option('--partial', 'leave out the files that are missing')
    .addOption(json())
    .runs(async () => (await import('../stac/makeItem.ts')).makeItem);

  program
    .command('backfill')
    .description('start every file of the inbox that has no run, such as those that were there before Swath')
    .option('--since <time>', 'only files that arrived since: 90m, 12h, 3d, or a date')
    .option('--prefix <prefix>', 'only files whose keys begin with this')
    .wholeNumber('--limit <count>', 'start at most this many', [1])
    .wholeNumber('--at-once <count>', 'run at most this many at once', [1, 900], 50)
    .option('--dry-run', 'only print what would be started')
    .somewhere()
    .runs(async () => (await import('../send/backfill.ts')).backfill);

  program
    .command('redrive')
    .description("redrive a stage's dead-letter queue: events and requests that could not be delivered or processed")
    .wholeNumber('--limit <count>', 'at most this many', [1])
    .option('--dry-run', 'only print what would be put back')
    .addOption(json())
    .onStage('the stage; the embedded stack puts nothing back')
    .runs(async () => (await import('../send/redrive.ts')).redrive);
}
