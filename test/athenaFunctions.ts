/**
 * Functions and operators that look like functions, of those that Athena has: what docs/sql.md may use. From
 * https://trino.io/docs/current/functions/list.html, which https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
 * refers to for its engine version 3. Each means the same in DuckDB.
 */
export const ATHENA_FUNCTIONS: readonly string[] = [
  ...'abs avg cast ceil coalesce concat count date_diff date_trunc exp extract floor greatest least length ln'.split(
    ' ',
  ),
  ...'lower max min nullif rank replace round row_number split_part sqrt stddev strpos substr sum trim upper'.split(
    ' ',
  ),
];

/** Words that stand before a bracket and are no functions. */
const KEYWORDS = [...'as and by exists in join not on or over select then values when where'.split(' ')];

/** The functions that a statement calls. */
export function functionsIn(sql: string): string[] {
  const called = [...sql.replace(/'[^']*'|"[^"]*"/g, "''").matchAll(/\b([a-z_]\w*)\s*\(/gi)].map(([, name]) =>
    name!.toLowerCase(),
  );
  return [...new Set(called)].filter((name) => !KEYWORDS.includes(name)).sort();
}
