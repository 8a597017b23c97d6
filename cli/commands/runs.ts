import type { Command } from 'commander';
import { count, examples, lazily, somewhere } from './options.ts';

/** What the ledger and the logs know. */
export function runCommands(program: Command): void {
  somewhere(
    program
      .command('runs')
      .description('list what the ledger knows, the newest first')
      .option('--state <state>', 'only runs in this state, such as FAILED')
      .option('--since <time>', 'only runs that changed since then: 90m, 12h, 3d, or a date')
      .option('--limit <count>', 'at most so many', count, 20),
  )
    .addHelpText('after', examples('runs --stage dev --state FAILED --since 1d', 'runs --limit 500 --json'))
    .action(lazily(async () => (await import('../runs.ts')).runs));

  somewhere(
    program
      .command('show')
      .description('show the whole story of one run, with what the functions have logged of it')
      .argument('<run>', 'its id, as "swath runs" prints it'),
  )
    .addHelpText('after', examples('show 0f3c…', "show 0f3c… --stage dev --json | jq '.logs[]'"))
    .action(lazily(async () => (await import('../show.ts')).show));

  somewhere(
    program
      .command('retry')
      .description('try a failed run once more')
      .argument('<run>', 'its id, as "swath runs" prints it'),
  )
    .addHelpText('after', examples('retry 0f3c… --stage dev'))
    .action(lazily(async () => (await import('../retry.ts')).retry));

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
    .action(lazily(async () => (await import('../logs.ts')).logs));
}
