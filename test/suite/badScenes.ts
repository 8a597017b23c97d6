import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { encodeNpy, encodeNpz } from '../numpy.ts';
import { edited, frames, named, sceneOf } from '../scenes.ts';
import type { FeatureToEncode } from '../tfrecord.ts';
import type { Stacked } from './subject.ts';

/** A good record, for files that are bad from there on. */
const NEXT = frames[1]!;

type Bad = { name: string; file?: Uint8Array; rest?: Uint8Array; says: string };
const whole = (name: string, file: Uint8Array, says: string): Bad => ({ name, file, says });
const behind = (name: string, rest: Uint8Array, says: string): Bad => ({ name, rest, says });

/** What can never work, one of each place that refuses it (the readers' own tests have the others): a whole file, or what comes behind a good first record; and what has to be said of it, with … between. */
const BAD: Bad[] = [
  whole('empty', new Uint8Array(), 'is empty (0 bytes) … at least one record'),
  whole(
    'a table, for a model of images',
    Buffer.from('id,label\n1,2\n3,4\n'),
    'found a table, but droughtwatch-baseline 1.0.0 … 65 × 65 pixels',
  ),
  whole(
    'text that is no table',
    Buffer.from('nothing but words\n'),
    'is in no format that Swath reads … As a TFRecord file, it is damaged at its start: record 0 at byte 0 … formats that are read: ',
  ),
  whole(
    'an archive of an array of another shape',
    encodeNpz({ x: encodeNpy({ descr: '|u1', shape: [1, 11, 65, 65], data: new Uint8Array(11 * 65 * 65) }) }),
    'found an array of the shape [1, 11, 65, 65] … allowed is [any, 65, 65, 11]: chips × height × width × bands',
  ),
  behind('a flipped byte in a length', flipped(0), 'is damaged … the checksum of its length is 0x'),
  behind(
    'a band too small',
    withFeature('B3', { kind: 'bytes', values: [new Uint8Array(4224)] }),
    'band B3 … 4224 … 4225',
  ),
];

/** More would each wait for a function that begins for it alone, which on a small machine is all that takes time. */
const AT_ONCE = 4;

/** Files that can never work, dropped in together with good ones. */
export function badScenes(stacked: Stacked): void {
  describe('in a batch of bad files', () => {
    let good: LedgerRow[];
    let bad: LedgerRow[];

    before(async () => {
      const { run, unique } = stacked();
      const goodOne = (name: string) => run(`batch/${name}`, sceneOf(unique(name), 3));
      const badOne = ({ name, file, rest }: Bad) =>
        run(`batch/${name}`, file ?? Buffer.concat([firstRecord(unique(name)), rest!]));
      const waiting = BAD.values();
      const rows = new Map<string, LedgerRow>();
      const oneByOne = async () => {
        for (const one of waiting) rows.set(one.name, await badOne(one));
      };
      const lanes = Promise.all(Array.from({ length: AT_ONCE }, oneByOne));
      good = await Promise.all(['the first', 'another one'].map(goodOne));
      await lanes;
      good.push(await goodOne('the last'));
      bad = BAD.map(({ name }) => rows.get(name)!);
    });

    for (const [i, { name, file, says }] of BAD.entries()) {
      test(`${name}: INVALID, and why`, async () => {
        const { stack, key, unique } = stacked();
        const row = bad[i]!;
        const { state, attempt, error, lease } = row;
        assert.deepEqual([state, attempt, error?.name, error?.step], ['INVALID', 1, 'InvalidSceneFile', 'Preprocess']);
        assert.equal(lease, undefined);
        const place = file === undefined ? [`record 1 at byte ${firstRecord(unique(name)).length}`] : [];
        for (const part of [key(`batch/${name}`), ...place, ...says.split(' … ')])
          assert.ok(error!.message.includes(part), `${error!.message} does not say: ${part}`);
        const { status, error: failure, cause } = await stack.ended(row.execution);
        assert.deepEqual([status, failure], ['FAILED', 'InvalidSceneFile']);
        assert.equal(cause, `Preprocess: ${error!.message}`);
      });
    }

    test('the good ones are done', () => {
      for (const row of good) assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 3, attempt: 1 });
    });

    test('nothing of the bad ones is visible as a result', async () => {
      for (const row of bad) assert.deepEqual(await stacked().predictionsOf(row), []);
    });

    test('no sweep tries the bad ones again', async () => {
      const { stack } = stacked();
      await stack.sweep();
      for (const row of bad) assert.deepEqual(await stack.ledgerRows(row.scene), [row]);
    });
  });

  test('a record without a label is classified, and its truth is null', async () => {
    const { run, unique, predictionsOf } = stacked();
    const unlabelled = edited(named(NEXT, unique('no label')), (features) => features.delete('label'));
    const row = await run('no label', unlabelled);
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 1 });
    const [file] = await predictionsOf(row);
    assert.deepEqual([file?.rows.length, file?.rows[0]?.truth], [1, null]);
  });
}

function firstRecord(name: string): Uint8Array {
  return named(frames[0]!, name);
}

function flipped(at: number): Uint8Array {
  const frame = Uint8Array.from(NEXT);
  return frame.with(at, frame.at(at)! ^ 1);
}

function withFeature(name: string, feature: FeatureToEncode): Uint8Array {
  return edited(NEXT, (features) => features.set(name, feature));
}
