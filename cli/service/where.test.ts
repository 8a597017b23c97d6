import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { printable } from '../terminal/output.ts';
import { commandFor, quoted } from './where.ts';

/** Commands that are printed to be copied. */

const shell = ['bash', 'zsh', 'ksh'].find((name) => spawnSync(name, ['-c', ':']).status === 0);

test('a word is the same word when a shell has read it, and shows all that is in it', {
  skip: shell === undefined && 'there is no shell that knows $’…’',
}, () => {
  const words = [...HOSTILE_NAMES.map(({ name }) => name), '', '=ls', '~', '-', '\\n'].filter(
    (name) => !name.includes('\0'), // no argument holds one
  );
  const line = words.map(quoted).join(' ');
  assert.equal(printable(line), line);
  const read = execFileSync(shell!, ['-c', `printf '%s\\0' ${line}`]);
  assert.deepEqual(read.toString().split('\0').slice(0, -1), words);
});

test('what needs no quotation has none', () => {
  assert.equal(commandFor({ dataDir: './data-1/x' }, 'runs'), 'npx swath runs --data-dir ./data-1/x');
  assert.equal(commandFor({ dataDir: "it's" }, 'runs'), `npx swath runs --data-dir 'it'\\''s'`);
  assert.equal(commandFor({ dataDir: 'a\n\u202e' }, 'runs'), `npx swath runs --data-dir $'a\\012\\342\\200\\256'`);
});
