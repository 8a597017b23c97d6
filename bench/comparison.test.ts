import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compare } from './comparison.ts';
import { counted, type Figure, measured } from './figure.ts';
import { describeMachine } from './machine.ts';
import type { BenchResult } from './suite.ts';

const machine = describeMachine();
const resultOf = (...figures: Figure[]): BenchResult => ({
  ...{ measuredAt: '2026-03-01T00:00:00.000Z', isQuick: false, machine },
  suites: [{ suite: 's', title: 'S', seconds: 1, figures, notes: [] }],
});
const speed = (values: number[], limits: number[] = []) =>
  measured({
    ...{ id: 'a', name: 'A', unit: 'chips/s', better: 'more', values },
    ...(limits.length > 0 && { beside: [{ name: 'B', values: limits }] }),
  });
const size = (value: number) => counted({ id: 'a', name: 'A', unit: 'calls', better: 'less', value });
const changeOf = (before: Figure, after: Figure) => compare(resultOf(before), resultOf(after))[0]?.change;

describe('two results', () => {
  for (const [title, before, later, change] of [
    ['a median that is worse within the spreads', speed([90, 100, 110]), speed([80, 85, 95]), 'same'],
    ['every round worse than every one before', speed([90, 100, 110]), speed([70, 80, 89]), 'slower'],
    ['every round better than every one before', speed([90, 100, 110]), speed([111, 120, 130]), 'faster'],
    ['a hair that no round crosses', speed([100, 100, 100]), speed([99, 99, 99]), 'same'],
    ['a machine that is slower in everything', speed([100, 100], [200, 200]), speed([50, 50], [100, 100]), 'same'],
    ['what is slower beside its limit, too', speed([100, 100], [200, 200]), speed([50, 50], [200, 200]), 'slower'],
    ['one call more', size(14), size(15), 'slower'],
    ['one call less', size(14), size(13), 'faster'],
    ['as many calls', size(14), size(14), 'same'],
  ] as const)
    it(`tell of ${title}: ${change}`, () => {
      assert.equal(changeOf(before, later), change);
    });

  it('tell of what is new and of what is gone, but not of a suite that did not run again', () => {
    const other = { ...size(1), id: 'b' };
    assert.deepEqual(
      compare(resultOf(size(1)), resultOf(other)).map(({ change }) => change),
      ['gone', 'new'],
    );
    assert.deepEqual(compare(resultOf(size(1)), { ...resultOf(), suites: [] }), []);
  });
});

describe('npm run bench:compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-compare-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('compare.ts', import.meta.url)), ...args], { encoding: 'utf8' });
  const before = file('before', resultOf(speed([100, 101, 102])));

  it('ends with 1, and points, where something became slower', () => {
    const { status, stdout } = run(before, file('slower', resultOf(speed([50, 51, 52]))));
    assert.equal(status, 1);
    assert.match(stdout, /s: A +101 \(100 – 102\) chips\/s +51\.0 \(50\.0 – 52\.0\) chips\/s +-49\.5 % +<== SLOWER\n/);
    assert.match(stdout, /1 slower, 0 faster, of 1\./);
  });

  it('ends with 0 where nothing did', () => {
    const { status, stdout } = run(before, before);
    assert.equal(status, 0);
    assert.match(stdout, /0 slower, 0 faster, of 1\./);
  });

  it('says so where the machines differ', () => {
    const { stdout } = run(before, file('else', { ...resultOf(speed([100])), machine: { ...machine, node: '1.2.3' } }));
    assert.match(stdout, /^THE MACHINES DIFFER:/);
  });

  it('ends with 2 on wrong use', () => {
    for (const args of [[], [before], [before, join(folder, 'none')], [before, file('list', [])]]) {
      const { status, stderr } = run(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, /npm run bench:compare -- BEFORE\.json AFTER\.json/);
    }
  });
});
