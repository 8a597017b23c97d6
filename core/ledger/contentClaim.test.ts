import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { ClaimLost } from '../errors.ts';
import type { RunRef } from '../messages.ts';
import { makeClaimContent } from './contentClaim.ts';
import { makeLedger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { makeAddWaitingDuplicate } from './waitingDuplicates.ts';

/** Which run owns some bytes, where the same come under several keys. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00Z');

test('the first run owns its bytes, however often it says so', async () => {
  const [first] = await runsOf(newBytes());
  assert.equal(await ledger.claimContent(first.run), first.run.id);
  assert.equal(await ledger.claimContent(first.run), first.run.id);
});

test('a second run is told whose they are, while the first works and when it is done', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  assert.equal(await ledger.claimContent(second.run), first.run.id);
  await ledger.advance(first.row, 'DONE', now);
  assert.equal(await ledger.claimContent(second.run), first.run.id);
});

test('other bytes, and another version of the model, have owners of their own', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  for (const other of [
    { ...second.run, digest: newBytes() },
    { ...second.run, model: { name: 'baseline', version: '1.0.1' } },
  ])
    assert.equal(await ledger.claimContent(other), second.run.id);
});

test('of many at once, one owns the bytes and the others are told which', async () => {
  const runs = await runsOf(newBytes(), 10);
  const owners = await Promise.all(runs.map(({ run }) => ledger.claimContent(run)));
  assert.equal(new Set(owners).size, 1);
  assert.ok(runs.some(({ run }) => run.id === owners[0]));
});

test('an owner that failed is succeeded by the next one, and by one of those who race for it', async () => {
  const [failed, ...successors] = await runsOf(newBytes(), 6);
  await ledger.claimContent(failed.run);
  await fail(failed.row);
  const owners = await Promise.all(successors.map(({ run }) => ledger.claimContent(run)));
  const [owner] = owners;
  assert.equal(new Set(owners).size, 1);
  assert.notEqual(owner, failed.run.id);
  assert.equal(await ledger.claimContent(failed.run), owner, 'tried again, the one that had failed is the duplicate');
});

test('an owner that failed and comes back first is the owner still', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  await fail(first.row);
  assert.equal(await ledger.claimContent(first.run), first.run.id);
  await claim(first.run, 'second execution');
  assert.equal(await ledger.claimContent(second.run), first.run.id);
});

test('an owner that failed and comes back while another looks at it is the owner still', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  await fail(first.row);
  let looks = 0;
  const get: typeof ledger.get = async (...key) => {
    const seen = await ledger.get(...key); // FAILED, and out of date as soon as it is seen
    if (++looks > 1) return seen;
    await claim(first.run, 'second execution');
    await ledger.claimContent({ ...first.run, attempt: 2 });
    return seen;
  };
  const { isOpen } = ledger;
  const { claimContent } = makeClaimContent(tables, LEDGER_TABLE, {
    get,
    isOpen,
    ...makeAddWaitingDuplicate(tables, LEDGER_TABLE),
  });
  assert.equal(await claimContent(second.run), first.run.id);
  assert.equal(looks, 2, 'it has looked once more');
});

test('whoever comes second waits for the owner, and is found by it', async () => {
  const [first, second, third] = await runsOf(newBytes(), 3);
  for (const { run } of [first, second, third!]) await ledger.claimContent(run);
  const heirs = [];
  for await (const { key } of ledger.waitingDuplicatesOf(first.run.id)) heirs.push(key);
  assert.deepEqual(heirs.sort(), [second.run.scene.key, third!.run.scene.key].sort());
});

test('whoever comes second waits before it looks how the owner stands, or a failure in between would not find it', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  const waiting: string[] = [];
  const get: typeof ledger.get = async (...key) => {
    const seen = await ledger.get(...key);
    await fail(first.row);
    for await (const heir of ledger.waitingDuplicatesOf(first.run.id)) waiting.push(heir.key);
    return seen;
  };
  const { isOpen } = ledger;
  const { claimContent } = makeClaimContent(tables, LEDGER_TABLE, {
    get,
    isOpen,
    ...makeAddWaitingDuplicate(tables, LEDGER_TABLE),
  });
  assert.equal(await claimContent(second.run), first.run.id);
  assert.deepEqual(waiting, [second.run.scene.key]);
});

test('an earlier attempt that wakes up late does not own its bytes any more', async () => {
  const [first] = await runsOf(newBytes());
  await ledger.claimContent({ ...first.run, attempt: 2 });
  await assert.rejects(ledger.claimContent(first.run), ClaimLost);
});

test('a duplicate that has come to own the bytes all the same is succeeded', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  await ledger.advance(first.row, 'DUPLICATE', new Date(), { duplicateOf: 'x' });
  assert.equal(await ledger.claimContent(second.run), second.run.id);
});

type Claimed = { run: RunRef; row: LedgerRow };

/** Claimed runs of files with the same bytes. */
async function runsOf(digest: string, count = 2): Promise<[Claimed, Claimed, ...Claimed[]]> {
  const runs = Array.from({ length: count }, async (): Promise<Claimed> => {
    const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
    const model = { name: 'baseline', version: '1.0.0' };
    const row = await claim({ scene, model }, 'first execution');
    return { row, run: { id: row.run, scene, model, attempt: 1, execution: 'e', digest, day: '2026-03-01' } };
  });
  const [first, second, ...others] = await Promise.all(runs);
  return [first!, second!, ...others];
}

async function claim({ scene, model }: Pick<RunRef, 'scene' | 'model'>, execution: string): Promise<LedgerRow> {
  const { row } = await ledger.claim({ scene, model, execution, now, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}

async function fail(row: LedgerRow): Promise<void> {
  const error = { name: 'Error', message: 'it broke', step: 'Infer', attempt: 1, at: now.toISOString() };
  await ledger.fail(row, 'FAILED', error, now);
}

function newBytes(): string {
  return randomBytes(32).toString('hex');
}
