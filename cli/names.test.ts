import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sceneOf } from '../test/scenes.ts';
import { jsonLines, swath, temporaryFolder } from '../test/swath.ts';

const ESC = '\u001b';

/** Names that a file system takes and a terminal would obey. */
const NAMES: { name: string; shown: string }[] = [
  { name: 'two\nlines', shown: 'two\\u000alines' },
  { name: `qu"ote' $(id) \`id\``, shown: `qu"ote' $(id) \`id\`` },
  { name: `${ESC}[31mred${ESC}]0;title\u0007`, shown: '\\u001b[31mred\\u001b]0;title\\u0007' },
  { name: 'invoice\u202excod.exe', shown: 'invoice\\u202excod.exe' },
  { name: 'c1\u009b2J', shown: 'c1\\u009b2J' },
  { name: 'satellite 🛰️ 衛星', shown: 'satellite 🛰️ 衛星' },
  { name: '%2e%2e#version', shown: '%2e%2e#version' },
  { name: '--json', shown: '--json' },
];

test('whatever a file is called, it is classified, and nothing in its name reaches the terminal as a command', {
  skip: process.platform === 'win32' && 'Windows has no such names',
}, async () => {
  const cwd = temporaryFolder();
  for (const [i, { name }] of NAMES.entries()) writeFileSync(join(cwd, name), sceneOf(name, i + 1));
  const broken = `broken ${ESC}[2J\n`;
  writeFileSync(join(cwd, broken), 'no scene');
  const files = NAMES.map(({ name }) => name);

  const json = await swath(['classify', '--json', '--', ...files, broken], cwd);
  const lines = jsonLines<{ file: string; state: string; chips: number; run: string }>(json);
  assert.deepEqual(
    lines.map(({ file, state, chips }) => [file, state, chips]),
    [...NAMES.map(({ name }, i) => [name, 'DONE', i + 1]), [broken, 'INVALID', null]],
  );

  const [table, runs, show] = await Promise.all([
    swath(['classify', '--', ...files, broken], cwd),
    swath(['runs'], cwd),
    swath(['show', lines.at(-1)!.run], cwd),
  ]);
  for (const { name, shown } of [...NAMES, { name: broken, shown: 'broken \\u001b[2J\\u000a' }]) {
    for (const { stdout } of [table, runs]) assert.ok(stdout.includes(shown), `${JSON.stringify(name)} in ${stdout}`);
  }
  assert.match(show.stdout, /broken \\u001b\[2J\\u000a: is no TFRecord file/);
  for (const { stdout, stderr } of [table, runs, show]) {
    assert.doesNotMatch(stdout, /[[\p{Cc}\p{Cf}]--\n]/v);
    assert.equal(stderr, '');
  }
  const gone = await swath(['classify', `gone ${ESC}[2J`], cwd);
  assert.equal(gone.stderr, 'swath: gone \\u001b[2J: no such file.\n');
  assert.equal(runs.stdout.split('\n').length, files.length + 3, 'a line each, with one more and the head');
});
