import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ObjectNotFound } from '../../../core/base/errors.ts';
import type { BatchRef } from '../../../core/base/messages.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { DAY, makeBench } from '../../../test/benches/batch.ts';
import { encodeScene } from '../../../test/benches/scenes.ts';
import { type BatchPorts, makeCutOff, makeLandedBatches } from './cutOff.ts';

const bench = await makeBench();
const { ledger, batchOf, classify } = bench;
const { readPiece } = bench.ports;
const sceneOf = (value: number) => encodeScene([{ value, label: 1 }]);
const cutOffOf = makeCutOff({ ledger, readPiece });

test('a day waits for a batch that is open, and counts what it has brought to its end once it has closed', async () => {
  bench.at('2026-03-02T00:20:00.000Z');
  const batch = batchOf({ 'bulk/a': sceneOf(5), 'bulk/b': sceneOf(6), 'bulk/c': new Uint8Array(40) });
  const opened = await ledger.openBatch(batch, 'arn:sweep', bench.ports.now, 300);
  const whileOpen = await cutOffOf(DAY, bench.ports.now(), []);
  assert.deepEqual([whileOpen.isLanding, whileOpen.landed], [true, []]);
  assert.ok(whileOpen.cutOff < opened!.openedAt, 'and nothing that it ends later is before that');

  await classify(batch);
  const asOf = bench.ports.now();
  const marks = await ledger.marksSince(DAY, new Date(0));
  const closed = await cutOffOf(DAY, asOf, marks);
  assert.deepEqual([closed.isLanding, closed.cutOff], [false, asOf.toISOString()]);
  assert.equal(closed.landed.map(({ chips }) => chips).join(), '1,1', 'the one that is invalid does not count');
  const others = await cutOffOf('2026-02-28', asOf, []);
  assert.deepEqual([others.isLanding, others.landed], [false, []]);
});

describe('of the batches that have marked a day', () => {
  const model = { name: 'baseline', version: '1.0.0' };
  const newBatch = (id: string, day = DAY): BatchRef => {
    const place = { manifest: id, offset: 0, length: 9, files: 1 };
    return { id: id.repeat(32), ...place, day, model };
  };
  const markOf = (batch: BatchRef) => ({ day: DAY, mark: `${batch.id}-1`, at: '2026-03-02T00:10:00.000Z', batch });
  const holder = { execution: 'e', attempt: 1, executions: 1, lease: '' };
  const openOf = (batch: BatchRef) => ({ batch, ...holder, openedAt: '2026-03-02T00:05:00.000Z' });
  const rows = new Map(
    (['DONE', 'EMPTY', 'FAILED', 'DUPLICATE'] as const).map((state) => [state, { state, run: state } as LedgerRow]),
  );
  const nothing: BatchPorts['readPiece'] = async () => new Uint8Array();
  const look = (ports: Partial<BatchPorts['ledger']>, readPiece = nothing) =>
    makeLandedBatches({ ledger: { openBatches: async () => [], rowsOf: async () => rows, ...ports }, readPiece });

  test('those that have closed have brought their files to their end: done or empty', async () => {
    const marks = [markOf(newBatch('a')), { ...markOf(newBatch('b')), batch: undefined }];
    const { opened, landed } = await look({})(DAY, marks);
    assert.deepEqual([opened, landed.map(({ run }) => run)], [[], ['DONE', 'EMPTY']]);
  });

  test('those that are open are not asked for, and those of other days are nothing to wait for', async () => {
    const [own, other] = [newBatch('a'), newBatch('b', '2026-02-28')];
    const openBatches = async () => [own, other].map(openOf);
    const { opened, landed } = await look({ openBatches })(DAY, [markOf(own)]);
    assert.deepEqual([opened, landed], [['2026-03-02T00:05:00.000Z'], []]);
  });

  test('four are asked for at a time, each once', async () => {
    let [underWay, most, reads] = [0, 0, 0];
    const readPiece = async () => {
      reads += 1;
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return new Uint8Array();
    };
    const marks = Array.from('abcdefghi', (id) => markOf(newBatch(id)));
    await look({}, readPiece)(DAY, [...marks, ...marks]);
    assert.deepEqual([reads, most], [9, 4]);
  });

  test('one whose manifest has expired has no files any more, and trouble is trouble', async () => {
    const rowsOf: BatchPorts['ledger']['rowsOf'] = async (scenes) => new Map(scenes.length === 0 ? [] : rows);
    const gone = look({ rowsOf }, () => Promise.reject(new ObjectNotFound('gone')));
    assert.deepEqual((await gone(DAY, [markOf(newBatch('a'))])).landed, []);
    const ill = look({ rowsOf }, () => Promise.reject(new Error('busy')));
    await assert.rejects(ill(DAY, [markOf(newBatch('a'))]), /busy/);
  });
});
