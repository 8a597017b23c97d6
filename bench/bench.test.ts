import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from './suite.ts';

const run = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('bench.ts', import.meta.url)), ...args], { encoding: 'utf8' });

describe('npm run bench', () => {
  it('--json prints figures that can be believed, and nothing else', () => {
    const { status, stdout, stderr } = run('--suite', 'steps', '--quick', '--json');
    assert.equal(status, 0, stderr);
    const { isQuick, machine, suites } = JSON.parse(stdout) as BenchResult;
    assert.equal(isQuick, true);
    assert.equal(machine.node, process.versions.node);
    assert.deepEqual(
      suites.map(({ suite }) => suite),
      ['steps'],
    );
    const { figures } = suites[0]!;
    assert.equal(new Set(figures.map(({ id }) => id)).size, figures.length);
    for (const { id, measured, beside } of figures)
      for (const { median, least, most, rounds } of [measured, ...beside.flatMap((one) => [one.measured, one.ratio])]) {
        assert.ok(least > 0 && least <= median && median <= most && Number.isFinite(most), id);
        assert.ok(rounds >= 3, id);
      }
  });

  it('--help tells how it is used', () => {
    const { status, stdout } = run('--help');
    assert.equal(status, 0);
    assert.match(stdout, /--suite NAME,….*steps, endToEnd, cold/s);
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
