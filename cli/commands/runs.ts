import type { SwathCommand } from './options.ts';

export function runCommands(program: SwathCommand): void {
  program
    .command('runs')
    .description('list the runs in the ledger, the newest first')
    .option('--state <state>', 'only runs in this state, such as FAILED')
    .option('--since <time>', 'only runs that changed since: 90m, 12h, 3d, or a date')
    .option('--shadows', 'list the runs of shadows instead')
    .wholeNumber('--limit <count>', 'at most this many', [1], 20)
    .somewhere()
    .runs(async () => (await import('../runs/runs.ts')).runs);

  program
    .command('show')
    .description('show everything about one run, with its log lines')
    .argument('<run>', 'its id, as "swath runs" prints it')
    .somewhere()
    .runs(async () => (await import('../runs/show.ts')).show);

  program
    .command('retry')
    .description('retry failed runs, and follow them to the end')
    .argument('[run...]', 'their ids, as "swath runs" prints them')
    .option('--state <state>', 'instead of ids: all runs in this state, which must be FAILED')
    .option('--since <time>', 'of those, only what failed since: 90m, 12h, 3d, or a date')
    .option('--error <name>', 'of those, only what failed with this error, such as TransientTrouble')
    .wholeNumber('--limit <count>', 'at most this many, the oldest first', [1])
    .wholeNumber('--at-once <count>', 'run at most this many at once', [1, 900], 50)
    .option('--dry-run', 'only print what would be retried')
    .option('--no-follow', 'start them only')
    .somewhere()
    .runs(async () => (await import('../runs/retry.ts')).retry);

  program
    .command('sql')
    .description('query the tables of predictions, runs and metrics with SQL; without a statement, list them')
    .argument('[statement]', 'a statement that only reads, such as a SELECT')
    .option('--csv', 'print CSV, and nothing else, on stdout')
    .option('--parquet <file>', 'write a Parquet file instead')
    .somewhere()
    .runs(async () => (await import('../sql/sql.ts')).sql);

  program
    .command('logs')
    .description('show what the functions have logged, the oldest line first')
    .option('--run <run>', 'only lines about this run')
    .option('--function <name>', 'only lines of this function, such as preprocess')
    .option('--since <time>', 'only lines since: 15m, 12h, 3d, or a date', '15m')
    .wholeNumber('--limit <count>', 'at most this many, the newest', [1], 200)
    .option('--follow', 'print new lines until Ctrl-C')
    .somewhere()
    .runs(async () => (await import('../runs/logs.ts')).logs);
}
