import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { sceneOf } from '../../test/scenes.ts';
import { type Ended, jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { told } from '../send/backfill.ts';

const ESC = '\u001b';

/** Names that a file system takes and a terminal would obey, and what is shown of them. */
const SHOWN: { name: string; shown: string }[] = [
  { name: 'two\nlines', shown: 'two\\u000alines' },
  { name: `qu"ote' $(id) \`id\``, shown: `qu"ote' $(id) \`id\`` },
  { name: `${ESC}[31mred${ESC}]0;title\u0007`, shown: '\\u001b[31mred\\u001b]0;title\\u0007' },
  { name: 'invoice\u202excod.exe', shown: 'invoice\\u202excod.exe' },
  { name: 'c1\u009b2J', shown: 'c1\\u009b2J' },
  { name: 'satellite 🛰️ 衛星', shown: 'satellite 🛰️ 衛星' },
  { name: '%2e%2e#version', shown: '%2e%2e#version' },
  { name: '--json', shown: '--json' },
  { name: 'a\u2028{"event":"infer.done"}', shown: 'a\\u2028{"event":"infer.done"}' },
];
const NAMES = [...SHOWN.map(({ name }) => name), '__proto__', '-rf', 'x'.repeat(255)];

const skip = process.platform === 'win32' && 'Windows has no such names';

test('whatever a file is called, it is classified, and nothing in its name reaches the terminal as a command', {
  skip,
}, async () => {
  const cwd = temporaryFolder();
  for (const [i, name] of NAMES.entries()) writeFileSync(join(cwd, name), sceneOf(name, i + 1));
  const broken = `broken ${ESC}[2J\n`;
  writeFileSync(join(cwd, broken), 'no scene');
  const said: Ended[] = [];
  const here = async (...args: string[]) => {
    const ended = await swathHere(args, cwd);
    said.push(ended);
    return ended;
  };

  const json = await here('classify', '--json', '--', ...NAMES, broken);
  const lines = jsonLines<{ file: string; state: string; chips: number; run: string }>(json);
  assert.deepEqual(
    lines.map(({ file, state, chips }) => [file, state, chips]),
    [...NAMES.map((name, i) => [name, 'DONE', i + 1]), [broken, 'INVALID', null]],
  );

  const { run } = lines.at(-1)!;
  const table = await here('classify', '--', ...NAMES, broken);
  const runs = await here('runs', '--limit', '100');
  const show = await here('show', run);
  for (const { name, shown } of [...SHOWN, { name: broken, shown: 'broken \\u001b[2J\\u000a' }]) {
    for (const { stdout } of [table, runs]) assert.ok(stdout.includes(shown), `${JSON.stringify(name)} in ${stdout}`);
  }
  assert.match(
    table.stdout,
    /^INVALID [0-9a-f]{12}\/broken \\u001b\[2J\\u000a: is in no format that Swath reads/m,
    'its name once',
  );
  assert.match(show.stdout, /broken \\u001b\[2J\\u000a: is in no format that Swath reads/);
  assert.equal(runs.stdout.split('\n').length, NAMES.length + 3, 'a line each, with one more and the head');

  const logs = await here('logs', '--limit', '1000');
  const { stdout: again } = await here('logs', '--limit', '1000', '--json');
  for (const { stdout } of [logs, { stdout: again }])
    assert.ok(stdout.includes('broken \\u001b[2J\\'), 'as it is printed, or as JSON has it');
  assert.equal(jsonLines({ stdout: again }).length, logs.stdout.split('\n').length - 1, 'a line each');

  for (const { stdout, stderr } of said) {
    assert.doesNotMatch(stdout, /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n]/v);
    assert.equal(stderr, '');
  }
});

test('what a command names to a person is one line each', () => {
  const names = HOSTILE_NAMES.map(({ name }) => name);
  const tally = { looked: names.length, started: names.length, known: 0, leftOut: 0, taken: 0 };
  const text = told({ tally, dryRun: true, names, isComplete: true, where: {} });
  assert.equal(text.split('\n').length, names.length + 1);
  assert.doesNotMatch(text, /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n]/v);
});

test('nor does it from an argument or an option, whatever is wrong with it', { skip }, async () => {
  const cwd = temporaryFolder();
  const nasty = `\u009b2J${ESC}[2J\u202e\u2028`;
  const folder = `a b; $(id)${nasty}`;
  for (const name of [folder, '.swath/inbox']) mkdirSync(join(cwd, name), { recursive: true });
  for (const [args, says] of [
    [['classify', `gone ${nasty}`], /^swath: gone \\u009b2J\\u001b\[2J\\u202e\\u2028: no such file\.\n$/],
    [['classify', folder], /is a folder; name the files in it, such as \$'a b; \$\(id\)\\302\\2332J[^\n]*'\/\*\n$/],
    [['runs', '--state', nasty], /^swath: --state: found "\\u009b/],
    [['runs', '--since', nasty], /^swath: --since: found "\\u009b/],
    [['runs', '--stage', nasty], /^swath: --stage: found "\\u009b/],
    [['runs', '--limit', nasty], /^swath: --limit: found "\\u009b/],
    [['runs', `--${nasty}`], /^error: unknown option '--\\u009b/],
    [[nasty], /^error: unknown command '\\u009b/],
    [['logs', '--function', nasty], /^swath: --function: found "\\u009b/],
    [['show', nasty], /^swath: the ledger knows no run "\\u009b/],
    [['retry', nasty], /^swath: the ledger knows no run "\\u009b/],
    [['report', '--day', nasty], /^swath: --day: found "\\u009b/],
    [['model', 'promote', nasty], /\\u009b2J.* it is not published/],
    [['model', 'publish', folder], /item\.json/],
    [['send', '--key-prefix', `../${nasty}`, 'x'], /^swath: --key-prefix: found "\.\.\/\\u009b/],
    [['backfill', '--since', nasty], /^swath: --since: found "\\u009b/],
    [['--debug', 'classify', `gone ${nasty}`], /WrongUse: gone \\u009b2J/],
  ] as const) {
    const { stdout, stderr, code } = await swathHere([...args], cwd);
    assert.match(stderr, says);
    assert.doesNotMatch(stdout + stderr, /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n]/v);
    assert.equal(code, 2, args.join(' '));
  }
});
