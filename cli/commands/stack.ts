import type { Command } from 'commander';
import {
  anyPort,
  dataDir,
  examples,
  lazily,
  maxBatch,
  maxWait,
  portNumber,
  somewhere,
  threads,
  urlHosts,
  watchedAlias,
  webhook,
  windowSeconds,
} from './options.ts';

/** The service as a whole: bringing it up, looking at it, having it sweep. */
export function stackCommands(program: Command): void {
  program
    .command('start')
    .description('bring the embedded stack up, replay fifteen days into a new folder, and watch the inbox')
    .addOption(dataDir())
    .option(
      '--model <model>',
      'classify with this one from now on: the folder of a package, or the name of a published model or of one that comes with Swath (s2-scl, s2-b8a, landsat-statlog, digits)',
    )
    .option('--empty', 'without the bundled scenes and the fifteen days')
    .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber)
    .option(
      '--arrivals-window <seconds>',
      'gather small files that come within so many seconds, and classify them in batches',
      windowSeconds,
    )
    .option('--alarm-webhook <address>', 'tell a webhook of Slack or Mattermost of alarms as well', webhook)
    .option(
      '--model-watch <alias>',
      'publish as a candidate, with each sweep, what an alias of a registry has come to point to: mlflow:NAME@ALIAS',
      watchedAlias,
    )
    .addHelpText(
      'after',
      examples(
        'start',
        'start --model s2-scl --data-dir .s2',
        'start --model ../my-model --data-dir .my-scenes',
        'start --empty --data-dir /tmp/swath',
      ),
    )
    .action(lazily(async () => (await import('../start.ts')).start));

  somewhere(
    program.command('doctor').description('look at all that has to be in place, and say what is wrong and what to do'),
  )
    .addHelpText(
      'after',
      `
A canary shows whether a file's event arrives: a small object under swath-canary/ in the inbox, which is
taken away again. It ends before classification and counts nowhere.

Exit code: 0 when all is well, 1 when something is wrong, 2 on wrong use.
${examples('doctor --stage dev')}`,
    )
    .action(lazily(async () => (await import('../doctor.ts')).doctor));

  somewhere(
    program
      .command('sweep')
      .description('do now what the schedule does daily: start what was missed, judge the closed days, write reports')
      .option('--full', 'look at every file of the inbox and every row of the ledger, however old')
      .option('--no-follow', 'start it only'),
  )
    .addHelpText(
      'after',
      `
It settles the runs whose execution has ended without a word, tries again what failed and has attempts left,
and starts the files that no run knows: those that arrived since the last sweep, and for a week before it. What
is older was seen by a sweep before; --full looks at that as well, which takes long for a large inbox. On a laptop
it hashes every file again, too.
It may run beside another sweep: nothing is started twice.
${examples('sweep --stage dev', 'sweep --full --stage dev --no-follow', "sweep --stage dev --json | jq '.started'")}

Exit code: 0 when the sweep is done, whatever it found; 1 when it failed; 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('../sweep.ts')).sweep));

  somewhere(
    program
      .command('console')
      .description('serve a page about the embedded stack or a stage, on this machine only')
      .option('--port <port>', 'where to answer on 127.0.0.1; default: 4680, or the next free one', portNumber),
  )
    .addHelpText('after', examples('console --stage dev --region eu-central-1 --profile work'))
    .action(lazily(async () => (await import('../console.ts')).serveConsole));

  somewhere(
    program
      .command('serve')
      .description('serve predictions over HTTP, by published models')
      .option(
        '--models <folder>',
        'the models: a package, or packages as name/version; default: those of the data folder',
      )
      .option('--port <port>', 'where to answer; 0 is any that is free; default: 8080, or the next free one', anyPort)
      .option('--host <address>', 'the address to answer at; 0.0.0.0 lets other machines in', '127.0.0.1')
      .option('--key-file <file>', 'whoever asks must send one of its lines in the header x-api-key')
      .option('--no-key', 'let other machines ask without a key')
      .option('--threads <number>', 'models run on so many threads; default: as many as there are cores', threads)
      .option('--max-batch <inputs>', 'gather up to so many inputs while all threads are busy', maxBatch, 32)
      .option('--max-wait <milliseconds>', 'let an input wait so long for others, though a thread is idle', maxWait, 0)
      .option(
        '--url-hosts <hosts...>',
        'read images at https addresses of these hosts, where a request names them; default: of none',
        urlHosts,
      ),
  )
    .addHelpText(
      'after',
      `
A model is asked at /v1/models/NAME/predictions with JSON or an image: docs/http.md. It stops gracefully: what
was taken is answered.
${examples('serve --models models', 'serve --host 0.0.0.0 --key-file keys.txt --models ../my-model')}

  $ curl --data-binary @digit.png -H 'content-type: image/png' http://127.0.0.1:8080/v1/models/digits/predictions

Exit code: 0 when it was stopped, 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('../serve.ts')).serve));

  somewhere(
    program
      .command('report')
      .description("write a day's report to send: the verdict, its numbers and the chips to look at first")
      .option('--day <day>', 'a UTC day such as 2026-01-31; default: the last one that is over')
      .option('--out <file>', 'write a copy of the page there as well; of several model versions, one each'),
  )
    .addHelpText('after', examples('report --day 2026-01-31', 'report --stage dev --out report.html'))
    .action(lazily(async () => (await import('../dailyReport.ts')).dailyReport));

  somewhere(
    program
      .command('accuracy')
      .description('how right the predictions of each judged day were, as far as it is known what is true')
      .option('--since <time>', 'only days since then: 30d, or a date', '30d'),
  )
    .addHelpText(
      'after',
      examples('accuracy --since 90d', "accuracy --stage dev --json | jq '.days[] | select(.isBelowExpected)'"),
    )
    .action(lazily(async () => (await import('../accuracy.ts')).accuracy));
}
