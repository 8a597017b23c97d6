import { dataDir, type SwathCommand, urlHosts, watchedAlias, webhook } from './options.ts';

const PORTS: [number, number] = [1, 65535];

export function stackCommands(program: SwathCommand): void {
  program
    .command('start')
    .description('start the embedded stack, replay fifteen days into a new folder, and watch the inbox')
    .addOption(dataDir())
    .option(
      '--model <model>',
      'classify with this model from now on: the folder of a package, or the name of a published or bundled model (s2-scl, s2-b8a, landsat-statlog, digits)',
    )
    .option('--empty', 'skip the bundled scenes and the fifteen days')
    .wholeNumber('--port <port>', 'the port on 127.0.0.1; default: 4680, or the next free one', PORTS)
    .wholeNumber(
      '--arrivals-window <seconds>',
      'gather small files that arrive within this many seconds, and classify them in batches',
      [0, 300],
    )
    .option('--alarm-webhook <address>', 'also send alarms to a Slack or Mattermost webhook', webhook)
    .option(
      '--model-watch <alias>',
      'with each sweep, publish a new version that this registry alias points to, as a candidate: mlflow:NAME@ALIAS',
      watchedAlias('--model-watch: '),
    )
    .option('--retrain <command>', 'train the model anew by this command with each sweep: see "swath retrain --help"')
    .runs(async () => (await import('../laptop/start.ts')).start);

  program
    .command('doctor')
    .description('check the installation, and print what is wrong and what to do')
    .somewhere()
    .runs(async () => (await import('../doctor/doctor.ts')).doctor);

  program
    .command('sweep')
    .description('run the daily sweep now: start files that were missed, judge closed days, write reports')
    .option('--full', 'check every file of the inbox and every row of the ledger, however old')
    .option('--no-follow', 'start it only')
    .somewhere()
    .runs(async () => (await import('../send/sweep.ts')).sweep);

  program
    .command('console')
    .description('serve the console of the embedded stack or a stage, to this machine only')
    .wholeNumber('--port <port>', 'the port on 127.0.0.1; default: 4680, or the next free one', PORTS)
    .somewhere()
    .runs(async () => (await import('../laptop/console.ts')).serveConsole);

  program
    .command('serve')
    .description('serve predictions of published models over HTTP')
    .option(
      '--models <folder>',
      'the models: a package, or packages as name/version; default: those of the data folder',
    )
    .wholeNumber('--port <port>', 'the port; 0 is any free one; default: 8080, or the next free one', [0, 65535])
    .option('--host <address>', 'the address to listen on; 0.0.0.0 accepts other machines', '127.0.0.1')
    .option('--key-file <file>', 'require one of the lines of this file in the header x-api-key')
    .option('--no-key', 'accept requests from other machines without a key')
    .wholeNumber('--threads <number>', 'run models on this many threads; default: the number of cores', [1, 256])
    .wholeNumber('--max-batch <inputs>', 'batch up to this many inputs while all threads are busy', [1, 256], 32)
    .option(
      '--url-hosts <hosts...>',
      'read images that requests name at https addresses of these hosts; default: none',
      urlHosts,
    )
    .somewhere()
    .runs(async () => (await import('../laptop/serve.ts')).serve);

  program
    .command('work <key>')
    .description('do a job in a container: classify with a model that outgrows a function; the state machine starts it')
    .option('--data-dir <folder>', 'of the running embedded stack; default: the deployment that the environment names')
    .runs(async () => (await import('../service/work.ts')).work);

  program
    .command('report')
    .description("write a day's report to share: the verdict, its numbers and the chips to look at first")
    .option('--day <day>', 'a UTC day such as 2026-01-31, or today; default: the last closed one')
    .option('--out <file>', 'also write a copy of the page there; with several model versions, one each')
    .somewhere()
    .runs(async () => (await import('../runs/dailyReport.ts')).dailyReport);

  program
    .command('accuracy')
    .description('print the accuracy of each judged day, where ground truth is known')
    .option('--since <time>', 'only days since: 30d, or a date', '30d')
    .somewhere()
    .runs(async () => (await import('../runs/accuracy.ts')).accuracy);

  program
    .command('area')
    .description('print how much land each class covers, in hectares')
    .option('--since <time>', 'only files counted since: 30d, or a date', '30d')
    .option('--by <name>', 'for each month, or for each segment of that name in swath:segments')
    .somewhere()
    .runs(async () => (await import('../runs/area.ts')).area);
}
