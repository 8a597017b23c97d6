import { dataDir, examples, type SwathCommand, urlHosts, watchedAlias, webhook } from './options.ts';

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
    .examples(
      'start',
      'start --model s2-scl --data-dir .s2',
      'start --model ../my-model --data-dir .my-scenes',
      'start --empty --data-dir /tmp/swath',
    )
    .runs(async () => (await import('../laptop/start.ts')).start);

  program
    .command('doctor')
    .description('check the installation, and print what is wrong and what to do')
    .somewhere()
    .after(`
A canary tests whether a file's event arrives: a small object under swath-canary/ in the inbox, which is removed
afterwards. Its execution ends before classification and counts nowhere.

Exit code: 0 when all is well, 1 when something is wrong, 2 on wrong use.
${examples('doctor --stage dev')}`)
    .runs(async () => (await import('../doctor/doctor.ts')).doctor);

  program
    .command('sweep')
    .description('run the daily sweep now: start files that were missed, judge closed days, write reports')
    .option('--full', 'check every file of the inbox and every row of the ledger, however old')
    .option('--no-follow', 'start it only')
    .somewhere()
    .after(`
A sweep settles runs whose execution ended without recording a result, retries failed runs that have attempts left,
and starts files that have no run. It looks at files that arrived since a week before the last sweep; earlier sweeps
have seen the older ones. --full checks those as well, which takes long for a large inbox; on a laptop, it also hashes
every file again.
Sweeps can run concurrently: nothing is started twice.
${examples('sweep --stage dev', 'sweep --full --stage dev --no-follow', "sweep --stage dev --json | jq '.started'")}

Exit code: 0 when the sweep is done, whatever it found; 1 when it failed; 2 on wrong use.`)
    .runs(async () => (await import('../send/sweep.ts')).sweep);

  program
    .command('console')
    .description('serve the console of the embedded stack or a stage, to this machine only')
    .wholeNumber('--port <port>', 'the port on 127.0.0.1; default: 4680, or the next free one', PORTS)
    .somewhere()
    .examples('console --stage dev --region eu-central-1 --profile work')
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
    .after(`
Send JSON or an image to /v1/models/NAME/predictions: see docs/http.md. The server stops gracefully: it answers the
requests that it has accepted.
${examples('serve --models models', 'serve --host 0.0.0.0 --key-file keys.txt --models ../my-model')}

  $ curl --data-binary @digit.png -H 'content-type: image/png' http://127.0.0.1:8080/v1/models/digits/predictions

Exit code: 0 when the server was stopped, 2 on wrong use.`)
    .runs(async () => (await import('../laptop/serve.ts')).serve);

  program
    .command('work <key>')
    .description('do a job in a container: classify with a model that outgrows a function; the state machine starts it')
    .option('--data-dir <folder>', 'of the running embedded stack; default: the deployment that the environment names')
    .after(`
The key is that of the job's message in the results bucket. The command writes the outcome beside it, also if the
outcome is an error; a job that has one is not done again.

Exit code: 0 when there is an outcome; 75 when the job is to be started again, after SIGTERM or while a service does not
answer; 1 when it failed; 2 on wrong use.`)
    .runs(async () => (await import('../service/work.ts')).work);

  program
    .command('report')
    .description("write a day's report to share: the verdict, its numbers and the chips to look at first")
    .option('--day <day>', 'a UTC day such as 2026-01-31, or today; default: the last closed one')
    .option('--out <file>', 'also write a copy of the page there; with several model versions, one each')
    .somewhere()
    .examples('report --day 2026-01-31', 'report --stage dev --out report.html')
    .runs(async () => (await import('../runs/dailyReport.ts')).dailyReport);

  program
    .command('accuracy')
    .description('print the accuracy of each judged day, where ground truth is known')
    .option('--since <time>', 'only days since: 30d, or a date', '30d')
    .somewhere()
    .examples('accuracy --since 90d', "accuracy --stage dev --json | jq '.days[] | select(.isBelowExpected)'")
    .runs(async () => (await import('../runs/accuracy.ts')).accuracy);

  program
    .command('area')
    .description('print how much land each class covers, in hectares')
    .option('--since <time>', 'only files counted since: 30d, or a date', '30d')
    .option('--by <name>', 'for each month, or for each segment of that name in swath:segments')
    .somewhere()
    .after(`
Each chip counts with its share of its raster's area on the ellipsoid; a place that was classified twice counts twice.
Where truth is known ("swath truth"), the areas are corrected for what the model confuses, with 95 % intervals.
${examples('area --since 2026-03-01', 'area --by month --since 365d --json')}`)
    .runs(async () => (await import('../runs/area.ts')).area);
}
