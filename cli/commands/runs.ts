import { examples, type SwathCommand } from './options.ts';

export function runCommands(program: SwathCommand): void {
  program
    .command('runs')
    .description('list the runs in the ledger, the newest first')
    .option('--state <state>', 'only runs in this state, such as FAILED')
    .option('--since <time>', 'only runs that changed since: 90m, 12h, 3d, or a date')
    .option('--shadows', 'list the runs of shadows instead')
    .wholeNumber('--limit <count>', 'at most this many', [1], 20)
    .somewhere()
    .examples('runs --stage dev --state FAILED --since 1d', 'runs --limit 500 --json')
    .runs(async () => (await import('../runs/runs.ts')).runs);

  program
    .command('show')
    .description('show everything about one run, with its log lines')
    .argument('<run>', 'its id, as "swath runs" prints it')
    .somewhere()
    .examples('show 0f3c…', "show 0f3c… --stage dev --json | jq '.logs[]'")
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
    .after(`
A run that another process has started meanwhile is skipped. An interruption loses nothing: started runs go on, or
continue with the next start.
${examples('retry 0f3c… --stage dev', 'retry --state FAILED --since 1d --dry-run', 'retry --state FAILED --error TransientTrouble --stage dev')}

Exit code: 0 when all succeeded; 1 when one is FAILED or INVALID again; 2 on wrong use.`)
    .runs(async () => (await import('../runs/retry.ts')).retry);

  program
    .command('sql')
    .description('query the tables of predictions, runs and metrics with SQL; without a statement, list them')
    .argument('[statement]', 'a statement that only reads, such as a SELECT')
    .option('--csv', 'print CSV, and nothing else, on stdout')
    .option('--parquet <file>', 'write a Parquet file instead')
    .somewhere()
    .after(`
DuckDB runs the query here, whether or not a stack is running; with --stage, Athena does, which charges for the data it
reads. Queries change nothing. docs/sql.md has thirteen common questions.
${examples('sql', "sql 'SELECT class, count(*) FROM predictions GROUP BY class'", "sql 'SELECT * FROM runs' --stage dev --parquet runs.parquet")}`)
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
    .examples(
      'logs --stage dev --function infer --since 2h',
      'logs --run 0f3c… --since 3d',
      'logs --stage dev --follow',
    )
    .runs(async () => (await import('../runs/logs.ts')).logs);
}
