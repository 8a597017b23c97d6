import { errorNamed } from '../base/errors.ts';
/** SQL that cannot be run as it is; the message says what is wrong, and where. */
export class SqlMistake extends errorNamed('SqlMistake') {}

const READING = ['SELECT', 'WITH', 'VALUES', 'SHOW', 'DESCRIBE', 'EXPLAIN'];

/** Spaces and comments. One within another is left: some engines count them, and others end both with the first end. */
const GAP = /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:(?!\/\*)[\s\S])*?\*\/)+/;
/** Between EXPLAIN and its statement: `EXPLAIN ANALYZE` carries out what it explains. */
const HOW = /^(?:(?:ANALYZE|VERBOSE)\b|\((?!\s*(?:SELECT|WITH|VALUES)\b)[\w\s,']*\))/i;

/** Checks that SQL is a single statement that only reads. Throws `SqlMistake` otherwise. */
export function assertReads(sql: string): void {
  let rest = without(GAP, sql);
  while (/^EXPLAIN\b/i.test(rest)) {
    rest = without(GAP, rest.slice('EXPLAIN'.length));
    while (HOW.test(rest)) rest = without(GAP, without(HOW, rest));
  }
  const [first = ''] = rest.replace(/^[(\s]+/, '').split(/[^A-Za-z]/, 1);
  if (READING.includes(first.toUpperCase())) return;
  const found = first === '' ? 'no statement' : `a statement that begins with ${first.toUpperCase()}`;
  throw new SqlMistake(`found ${found}, allowed is one that reads: ${READING.join(', ')}.`);
}

const without = (start: RegExp, text: string): string => text.replace(start, '');
