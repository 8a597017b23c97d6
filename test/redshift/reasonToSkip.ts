import { spawnSync } from 'node:child_process';
import { findPostgres } from '../postgres.ts';

/**
 * Why there can be no stand-in for Redshift here; false where there can.
 *
 * @throws Error where there must be one: SWATH_REDSHIFT is `required`
 */
export function reasonToSkip(): string | false {
  const bin = findPostgres();
  const why =
    bin === undefined || spawnSync('psql', ['--version']).status !== 0
      ? 'there is no PostgreSQL with psql'
      : spawnSync('setpriv', ['--version']).status !== 0
        ? 'there is no setpriv, by which servers end with the tests'
        : false;
  if (why !== false && process.env['SWATH_REDSHIFT'] === 'required')
    throw new Error(`SWATH_REDSHIFT is required, and ${why}.`);
  return why;
}
