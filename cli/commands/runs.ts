import type { Command } from 'commander';
import { atOnce, count, examples, lazily, somewhere } from './options.ts';

/** What the ledger and the logs know. */
export function runCommands(program: Command): void {
  somewhere(
    program
      .command('runs')
      .description('list what the ledger knows, the newest first')
      .option('--state <state>', 'only runs in this state, such as FAILED')
      .option('--since <time>', 'only runs that changed since then: 90m, 12h, 3d, or a date')
      .option('--shadows', 'the runs of shadows instead, which count nowhere')
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
      .description('try failed runs once more, and follow them to the end')
      .argument('[run...]', 'their ids, as "swath runs" prints them')
      .option('--state <state>', 'instead of ids: all that are FAILED')
      .option('--since <time>', 'of those, only what failed since then: 90m, 12h, 3d, or a date')
      .option('--error <name>', 'of those, only what died of this error, such as TransientTrouble')
      .option('--limit <count>', 'at most so many, the oldest first', count)
      .option('--at-once <count>', 'have at most so many on their way at once', atOnce, 50)
      .option('--dry-run', 'only say what would be tried again')
      .option('--no-follow', 'start them only'),
  )
    .addHelpText(
      'after',
      `
A run that somebody else takes up meanwhile is left to them. Interrupted, nothing is lost: what was started
goes on, or is taken up by the next start.
${examples('retry 0f3c… --stage dev', 'retry --state FAILED --since 1d --dry-run', 'retry --state FAILED --error TransientTrouble --stage dev')}

Exit code: 0 when all ended well; 1 when one is FAILED or INVALID again; 2 on wrong use.`,
    )
    .action(lazily(async () => (await import('../retry.ts')).retry));

  somewhere(
    program
      .command('sql')
      .description('ask the tables of predictions, runs and metrics by SQL; without a statement, list them')
      .argument('[statement]', 'one that reads, such as a SELECT')
      .option('--csv', 'print CSV, and nothing else, on stdout')
      .option('--parquet <file>', 'write a Parquet file instead')
      .option('--repair', 'of a stage: register days that were written before it had tables'),
  )
    .addHelpText(
      'after',
      `
Here DuckDB answers, whether a stack runs or not; with --stage, Athena does, which costs by what it reads.
Nothing is changed. docs/sql.md has eleven questions that people ask.
${examples('sql', "sql 'SELECT class, count(*) FROM predictions GROUP BY class'", "sql 'SELECT * FROM runs' --stage dev --parquet runs.parquet")}`,
    )
    .action(lazily(async () => (await import('../sql.ts')).sql));

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
