import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { InvalidSceneFile } from '../../core/base/errors.ts';
import { throwDice } from './dice.ts';
import { startLane } from './lane.ts';
import { type Finding, run, sharesOf } from './run.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets/all.ts';
import { watched } from './watch.ts';

const INPUTS = 1000;
const SEED = 1;

describe(`${INPUTS} damaged inputs are read as they should be, or refused with a reason`, () => {
  for (const [target, count] of sharesOf(TARGETS, INPUTS))
    test(`${target.name}, ${count} of them`, async () => {
      const findings: Finding[] = [];
      const numbers = { from: 0, count, step: 1 };
      const counts = await run(target, SEED, numbers, { begin: () => {}, found: (one) => findings.push(one) });
      assert.equal(counts.inputs, count);
      // Damage that is always refused, or never, does not get far into a parser.
      if (target.limits.refuses.length > 0 && count > 20) assert.ok(counts.refused > 0 && counts.refused < count);
      assert.deepEqual(
        findings.map(({ number, fault }) => `input ${number}: ${fault.kind}: ${fault.what}`),
        [],
        `npm run fuzz -- --seed ${SEED} --only ${target.name} writes them into files`,
      );
    });
});

describe('findings of former searches do not return', () => {
  const folder = new URL('regressions/', import.meta.url);
  for (const name of readdirSync(folder))
    for (const file of readdirSync(new URL(`${name}/`, folder)))
      test(`${name}: ${file.replace('.bin', '').replaceAll('-', ' ')}`, async () => {
        const target = TARGETS.find((one) => one.name === name);
        assert.ok(target !== undefined, `no target is called ${name}`);
        const seen = await watched(target, new Uint8Array(readFileSync(new URL(`${name}/${file}`, folder))));
        assert.equal(seen.fault, undefined);
      });
});

/** A reader of records with a fault in it, which shows for inputs that begin with a byte of 7. */
const planted = (fault: (input: Uint8Array) => unknown, more: Partial<Target> = {}): Target => ({
  name: 'planted',
  limits: { share: 1, refuses: ['InvalidSceneFile'] },
  make: (dice) => dice.bytes(8),
  read: (input) => {
    if (input[0] === 7) return fault(input);
    if (input[0]! < 128) throw new InvalidSceneFile('scene: is wrong');
    return undefined;
  },
  ...more,
});

describe('a fault that is planted is found:', () => {
  const claim = 40 * 1024 ** 2;
  const faults: [what: string, kind: string, fault: (input: Uint8Array) => unknown][] = [
    ['an error of no class of ours', 'crash', () => Reflect.get(undefined as never, 'x')],
    ['an error that is none', 'crash', () => Promise.reject('no')],
    [
      'a stack that overflows',
      'crash',
      function deeper(): unknown {
        return [deeper()];
      },
    ],
    ['a wrong result', 'wrong', () => assert.equal(1, 2)],
    [
      'a refusal without a reason',
      'no reason',
      () => {
        throw new InvalidSceneFile(' ');
      },
    ],
    [
      'a reason that is the file',
      'no reason',
      () => {
        throw new InvalidSceneFile('x'.repeat(5000));
      },
    ],
    ['an array as long as a length field claims', 'memory', () => new Uint8Array(claim)],
    ['a list as long as a length field claims', 'memory', () => Array(claim / 8).fill(0)],
    ['a quarter of a second and more for an input of eight bytes', 'slow', () => busy(280)],
  ];
  for (const [what, kind, fault] of faults)
    test(what, async () => {
      const findings: Finding[] = [];
      const numbers = { from: 0, count: 2000, step: 1 };
      // Of two thousand, about eight begin with a 7.
      const target = planted((input) => (findings.length === 0 ? fault(input) : undefined));
      await run(target, SEED, numbers, { begin: () => {}, found: (one) => findings.push(one) });
      assert.deepEqual(
        findings.map((one) => one.fault.kind),
        [kind],
      );
      const [{ input, number, seed }] = findings as [Finding];
      assert.deepEqual(target.make(throwDice(seed, target.name, number)), input, 'seed and number make it again');
    });

  test('an input that never ends, and one that ends the thread, of which the next ones are read nevertheless', async () => {
    const findings: Finding[] = [];
    const inputs: number[] = [];
    const lane = startLane({
      worker: new URL('./hangs.ts', import.meta.url),
      seed: SEED,
      jobs: [
        { target: 'hangs', from: 1, count: 10, step: 2 },
        { target: 'dies', from: 0, count: 3, step: 1 },
      ],
      targets: [planted(() => {}, { name: 'hangs' }), planted(() => {}, { name: 'dies' })],
      hangSeconds: 1,
      found: (one) => findings.push(one),
      add: (_name, counts) => inputs.push(counts.inputs),
    });
    await lane.ended;
    assert.deepEqual(
      findings.map(({ target, number, fault }) => [target, number, fault.kind]),
      [
        ['hangs', 5, 'slow'],
        ['dies', 1, 'crash'],
      ],
    );
    assert.equal(
      inputs.reduce((sum, count) => sum + count),
      13,
    );
    assert.equal(lane.done(), 13);
  });
});

test('damage to JSON makes no input that is too long to be a text, however often it repeats what it has repeated', () => {
  const httpRequest = TARGETS.find(({ name }) => name === 'httpRequest')!;
  assert.ok(httpRequest.make(throwDice(77, httpRequest.name, 3722)).length < 2 ** 26);
});

test('a target gets its share, and together they get all', () => {
  const shares = sharesOf(TARGETS, INPUTS);
  assert.equal(
    [...shares.values()].reduce((sum, count) => sum + count),
    INPUTS,
  );
  assert.ok([...shares.values()].every((count) => count > 0));
  assert.equal(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
});

function busy(milliseconds: number): void {
  const { user } = process.threadCpuUsage();
  while (process.threadCpuUsage().user - user < milliseconds * 1000);
}
