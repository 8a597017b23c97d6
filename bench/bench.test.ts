import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const run = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('bench.ts', import.meta.url)), ...args], { encoding: 'utf8' });

describe('npm run bench', () => {
  it('prints a table of a suite, of figures that can be believed', () => {
    const { status, stdout, stderr } = run('--suite', 'steps', '--quick');
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(`Node ${process.versions.node}`));
    assert.deepEqual(stdout.match(/^###.*$/gm), ['### Steps: one core, warm, by processor time']);
    const spreads = [...stdout.matchAll(/([\d.,]+) \(([\d.,]+) – ([\d.,]+)\)/g)].map(([, ...numbers]) =>
      numbers.map((text) => Number(text.replaceAll(',', ''))),
    );
    assert.ok(spreads.length > 10);
    for (const [median, least, most] of spreads) assert.ok(0 < least! && least! <= median! && median! <= most!, stdout);
    assert.doesNotMatch(stdout, /NaN|∞|undefined/);
  });

  for (const [title, args, said] of [
    ['a suite that there is not', ['--suite', 'steps,warm'], /--suite: found warm, allowed are steps, /],
    ['an option that there is not', ['--fast'], /--fast/],
    ['figures to keep that are quick ones', ['--quick', '--write'], /--write with --quick/],
  ] as const)
    it(`ends with 2 on ${title}`, () => {
      const { status, stderr } = run(...args);
      assert.equal(status, 2);
      assert.match(stderr, said);
    });
});
