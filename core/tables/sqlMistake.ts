/** SQL that cannot be run as it is; the message says what is wrong, and where. */
export class SqlMistake extends Error {
  override readonly name = 'SqlMistake';
}

const READING = ['SELECT', 'WITH', 'VALUES', 'SHOW', 'DESCRIBE', 'EXPLAIN'];

/**
 * Checks that SQL is a single statement that only reads.
 *
 * @throws {SqlMistake} otherwise
 */
export function assertReads(sql: string): void {
  const [first = ''] = withoutComments(sql)
    .trimStart()
    .replace(/^[(\s]+/, '')
    .split(/[^A-Za-z]/, 1);
  if (READING.includes(first.toUpperCase())) return;
  const found = first === '' ? 'no statement' : `a statement that begins with ${first.toUpperCase()}`;
  throw new SqlMistake(`found ${found}, allowed is one that reads: ${READING.join(', ')}.`);
}

function withoutComments(sql: string): string {
  return sql.replace(/^(\s*(--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/))+/, '');
}
