import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { batchOf, MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { ClaimLost } from '../base/errors.ts';
import { type RunRef, runId } from '../base/messages.ts';
import { keyOfContent, makeAddWaitingDuplicate, makeDigests, makeRenameDuplicates } from './contentClaim.ts';
import { makeLedger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';

/** Which run owns some bytes, where the same come under several keys. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00Z');

test('a content has a row of its own, with a key that no scene can have', () => {
  assert.deepEqual(keyOfContent('ab', model), { scene: 'digest#ab', model: 'baseline/1.0.0' });
});

test('its duplicates wait in rows of their own, with a key that no scene can have', async () => {
  const keys: unknown[] = [];
  const put = async ({ Item }: { Item?: Record<string, unknown> }) => void keys.push(Item?.['scene']);
  const [{ run }] = await runsOf(newBytes());
  await makeAddWaitingDuplicate({ put } as never, LEDGER_TABLE).addWaitingDuplicate('owner', run);
  assert.deepEqual(keys, ['heirs#owner']);
});

test('the first run owns its bytes, however often it claims them', async () => {
  const [first] = await runsOf(newBytes());
  assert.equal(await ledger.claimContent(first.run), first.run.id);
  assert.equal(await ledger.claimContent(first.run), first.run.id);
});

test('a second run gets the id of the owner, while the first runs and after it is done', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  assert.equal(await ledger.claimContent(second.run), first.run.id);
  await ledger.advance(first.row, 'DONE', now);
  assert.equal(await ledger.claimContent(second.run), first.run.id);
});

test('other bytes and other model versions have owners of their own', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  for (const other of [
    { ...second.run, digest: newBytes() },
    { ...second.run, model: { name: 'baseline', version: '1.0.1' } },
  ])
    assert.equal(await ledger.claimContent(other), second.run.id);
});

test('of many concurrent claims, one owns the bytes and the others get its id', async () => {
  const runs = await runsOf(newBytes(), 10);
  const owners = await Promise.all(runs.map(({ run }) => ledger.claimContent(run)));
  assert.equal(new Set(owners).size, 1);
  assert.ok(runs.some(({ run }) => run.id === owners[0]));
});

test('an owner that failed is replaced by exactly one of the runs that race for its place', async () => {
  const [failed, ...successors] = await runsOf(newBytes(), 6);
  await ledger.claimContent(failed.run);
  await fail(failed.row);
  const owners = await Promise.all(successors.map(({ run }) => ledger.claimContent(run)));
  const [owner] = owners;
  assert.equal(new Set(owners).size, 1);
  assert.notEqual(owner, failed.run.id);
  await claim(failed.run, 'second execution');
  const again = { ...failed.run, attempt: 2, execution: 'second execution' };
  assert.equal(await ledger.claimContent(again), owner, 'tried again, the one that had failed is the duplicate');
});

test('an owner that failed stays the owner if it returns first', async () => {
  const [first, second] = await ownerFailed();
  assert.equal(await ledger.claimContent(first.run), first.run.id);
  await claim(first.run, 'second execution');
  assert.equal(await ledger.claimContent(second.run), first.run.id);
});

test('an owner that failed stays the owner if it returns while another run checks it', async () => {
  const [first, second] = await ownerFailed();
  let looks = 0;
  const get: typeof ledger.get = async (...key) => {
    const seen = await ledger.get(...key); // FAILED, and out of date as soon as it is seen
    if (++looks > 1) return seen;
    await claim(first.run, 'second execution');
    await ledger.claimContent({ ...first.run, attempt: 2 });
    return seen;
  };
  assert.equal(await claimingBy(get).claimContent(second.run), first.run.id);
  assert.equal(looks, 2, 'it has looked once more');
});

test('later runs wait for the owner, which can list them', async () => {
  const [first, second, third] = await runsOf(newBytes(), 3);
  for (const { run } of [first, second, third!]) await ledger.claimContent(run);
  assert.deepEqual((await waitingFor(first.run)).sort(), [second.run.scene.key, third!.run.scene.key].sort());
});

test('a second run is listed as waiting before it reads the state of the owner', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  const waiting: string[] = [];
  const get: typeof ledger.get = async (...key) => {
    const seen = await ledger.get(...key);
    await fail(first.row);
    waiting.push(...(await waitingFor(first.run)));
    return seen;
  };
  assert.equal(await claimingBy(get).claimContent(second.run), first.run.id);
  assert.deepEqual(waiting, [second.run.scene.key]);
});

test('an earlier attempt that claims its bytes late has lost them to the later attempt', async () => {
  const [first] = await runsOf(newBytes());
  await ledger.claimContent({ ...first.run, attempt: 2 });
  await assert.rejects(ledger.claimContent(first.run), ClaimLost);
});

test('an owner that ended as a duplicate is replaced', async () => {
  const [first, second] = await runsOf(newBytes());
  await ledger.claimContent(first.run);
  await ledger.advance(first.row, 'DUPLICATE', new Date(), { duplicateOf: 'x' });
  assert.equal(await ledger.claimContent(second.run), second.run.id);
});

test('a DONE owner that is withdrawn is replaced, and its duplicates name the new owner', async () => {
  const [copy, second, third] = await runsOf(newBytes(), 3);
  await ledger.claimContent(copy.run);
  await ledger.advance(copy.row, 'DONE', now);
  await endAsDuplicate(third!);
  const done = (await ledger.get(copy.run.scene, copy.run.model))!;
  await ledger.withdraw(done, 'whole', now);
  assert.equal(await ledger.claimContent(second.run), second.run.id);
  assert.equal(await namedBy(third!), second.run.id);
  assert.equal(await namedBy(copy), 'whole', 'the withdrawn run names the one that counts it');
});

describe('when a content gets a new owner, its duplicate', () => {
  test('names the new owner and waits for it, and a late worker of an earlier owner cannot rename it', async () => {
    const [first, second, third, fourth] = await runsOf(newBytes(), 4);
    await ledger.claimContent(first.run);
    await endAsDuplicate(third!);
    await endAsDuplicate(fourth!);
    await fail(first.row);
    assert.equal(await ledger.claimContent(second.run), second.run.id);
    assert.deepEqual([await namedBy(third!), await namedBy(fourth!)], [second.run.id, second.run.id]);
    assert.deepEqual((await waitingFor(second.run)).sort(), [third!.run.scene.key, fourth!.run.scene.key].sort());
    // A worker of the former term's successor that wakes up late.
    const { renameDuplicates } = makeRenameDuplicates(tables, LEDGER_TABLE);
    await renameDuplicates([second.run.id], { ...first.run, id: 'late' }, 2);
    assert.equal(await namedBy(third!), second.run.id);
  });

  test('is renamed by the next attempt or the next owner if the new owner died before it did so', async () => {
    for (const who of ['itself', 'another'] as const) {
      const [first, second, third, fourth] = await runsOf(newBytes(), 4);
      await ledger.claimContent(first.run);
      await endAsDuplicate(third!);
      await fail(first.row);
      const dies = {
        ...ledger,
        nameOwner: async () => ({}) as LedgerRow,
        renameDuplicates: () => Promise.reject(new Error('killed')),
      };
      const claiming = makeDigests(tables, LEDGER_TABLE, Infinity, dies);
      await assert.rejects(claiming.claimContent(second.run), /killed/);
      assert.equal(await namedBy(third!), first.run.id);
      if (who === 'another') await fail(second.row);
      const next = who === 'itself' ? second : fourth!;
      assert.equal(await ledger.claimContent(next.run), next.run.id);
      assert.equal(await namedBy(third!), next.run.id);
    }
  });

  test('is renamed when its batch closes, if it had no row before', async () => {
    const [first, second, third] = await ownerFailed(3);
    await ledger.claimContent(second.run);
    const late = await ledger.advance(third!.row, 'DUPLICATE', now, { duplicateOf: first.run.id });
    await ledger.nameOwners([{ ...late, digest: first.run.digest }]);
    assert.equal(await namedBy(third!), second.run.id);
    assert.deepEqual(await waitingFor(second.run), [third!.run.scene.key]);
  });

  test('cannot end as the duplicate of a run that has failed in the meantime', async () => {
    const [first, second] = await runsOf(newBytes());
    await ledger.claimContent(first.run);
    assert.equal(await ledger.claimContent(second.run), first.run.id);
    await fail(first.row);
    await ledger.letTakeOver((await ledger.get(second.run.scene, second.run.model))!);
    await assert.rejects(ledger.advance(second.run, 'DUPLICATE', now), ClaimLost);
    assert.equal(await ledger.claimContent(second.run), second.run.id);
  });
});

async function endAsDuplicate({ run }: Claimed): Promise<void> {
  await ledger.claimContent(run);
  await ledger.advance(run, 'DUPLICATE', now);
}

async function namedBy({ run }: Claimed): Promise<string | undefined> {
  return (await ledger.get(run.scene, run.model))?.duplicateOf;
}

describe('bytes that a batch has claimed', () => {
  test('belong to its run, however often it claims them', async () => {
    const run = newRun();
    const batch = await openBatch();
    assert.equal(await ledger.claimDigest(run, batch), run.id);
    assert.equal(await ledger.claimDigest(run, batch), run.id);
  });

  test('do not belong to an earlier attempt of the same run', async () => {
    const run = newRun();
    const batch = await openBatch();
    await ledger.claimDigest({ ...run, attempt: 2 }, batch);
    assert.equal(await ledger.claimDigest(run, batch), null);
    assert.deepEqual(await waitingFor(run), [], 'which does not wait for itself');
  });

  test('belong to the next attempt of its run', async () => {
    const run = newRun();
    await ledger.claimDigest(run, await openBatch());
    assert.equal(await ledger.claimDigest({ ...run, attempt: 2 }, await openBatch()), run.id);
  });

  test('belong to an open batch that claimed them before, but not to a closed one without a row', async () => {
    const [awaited, left] = [newRun(), newRun()];
    await ledger.claimDigest(awaited, await openBatch());
    await ledger.claimDigest(left, closedBatch());
    const batch = await openBatch();
    assert.equal(await ledger.claimDigest(awaited, batch), null);
    assert.equal(await ledger.claimDigest(left, batch), left.id);
  });

  test('belong to the execution that holds the run by now, whatever the state of the batch', async () => {
    for (const former of [undefined, closedBatch(), await openBatch()]) {
      const [{ run }] = await runsOf(newBytes());
      if (former === undefined) await ledger.claimContent(run);
      else await ledger.claimDigest(run, former);
      assert.equal(await ledger.claimDigest(run, await openBatch()), null);
    }
  });

  test('are waited for by a second run as long as the batch is open', async () => {
    const [first, batch] = [newRun(), await openBatch()];
    await ledger.claimDigest(first, batch);
    const second = newRun(first.digest);
    assert.equal(await ledger.claimDigest(second, batch), first.id);
    assert.deepEqual(await waitingFor(first), [second.scene.key]);
  });

  test('are claimed again by the next batch, even if an earlier attempt has left a row', async () => {
    const [{ run }] = await runsOf(newBytes()); // its first attempt has not said how it ended
    const [next, batch] = [{ ...run, attempt: 2 }, await openBatch()];
    await ledger.claimDigest(next, closedBatch());
    assert.equal(await ledger.claimDigest(next, batch), run.id);
    assert.equal(await ledger.claimDigest({ ...next, attempt: 1 }, await openBatch()), null, 'that one is open');
  });

  test('get a new owner if the batch is closed and has left no row', async () => {
    const first = newRun();
    await ledger.claimDigest(first, closedBatch());
    const second = newRun(first.digest);
    assert.equal(await ledger.claimDigest(second, await openBatch()), second.id);
  });

  test('are waited for if the failed row is of an earlier attempt, and get a new owner if it is of this attempt', async () => {
    for (const [attempt, isAwaited] of [
      [2, true],
      [1, false],
    ] as const) {
      const [first, second] = await runsOf(newBytes());
      await fail(first.row);
      await ledger.claimDigest({ ...first.run, attempt }, await openBatch());
      assert.equal(await ledger.claimContent(second.run), isAwaited ? first.run.id : second.run.id);
    }
  });
});

describe('a run replaces only the owner that it has read, and reads again if in the meantime', () => {
  /** The owner is looked up, and something happens before its place is taken. */
  async function succeed(run: RunRef, meanwhile: () => Promise<unknown>, batch?: string): Promise<string | null> {
    let looks = 0;
    const get: typeof ledger.get = async (...key) => {
      const seen = await ledger.get(...key);
      if (++looks === 1) await meanwhile();
      return seen;
    };
    const digests = claimingBy(get);
    return batch === undefined ? digests.claimContent(run) : digests.claimDigest(run, batch);
  }

  test('another run has replaced that owner, with the same attempt number', async () => {
    const [, second, third] = await ownerFailed(3);
    assert.equal(await succeed(second.run, () => ledger.claimContent(third!.run)), third!.run.id);
  });

  test('an earlier attempt of the same run has replaced that owner: the run owns the bytes', async () => {
    const [, second] = await ownerFailed();
    const next = { ...second.run, attempt: 2 };
    assert.equal(await succeed(next, () => ledger.claimContent(second.run)), second.run.id);
    await assert.rejects(ledger.claimContent(second.run), ClaimLost, 'and the earlier attempt has lost them');
  });

  test('a later attempt of the same run has replaced that owner: the claim is lost', async () => {
    const [, second] = await ownerFailed();
    await assert.rejects(
      succeed(second.run, () => ledger.claimContent({ ...second.run, attempt: 2 })),
      ClaimLost,
    );
  });

  test('the owner has claimed the bytes for another batch', async () => {
    const [first, open] = [newRun(), await openBatch()];
    await ledger.claimDigest(first, closedBatch());
    const second = newRun(first.digest);
    assert.equal(await succeed(second, () => ledger.claimDigest(first, open), await openBatch()), first.id);
  });

  test('the owner has claimed the bytes for a batch, and had none before', async () => {
    const [first, open] = [newRun(), await openBatch()];
    await ledger.claimContent(first);
    const second = newRun(first.digest);
    assert.equal(await succeed(second, () => ledger.claimDigest(first, open), await openBatch()), first.id);
  });
});

/** Claims as the ledger does, where it is seen how the owner stands. */
function claimingBy(get: typeof ledger.get) {
  return makeDigests(tables, LEDGER_TABLE, Infinity, {
    ...ledger,
    get,
    nameOwner: async () => ({}) as LedgerRow,
    ...makeRenameDuplicates(tables, LEDGER_TABLE),
  });
}

async function waitingFor({ id }: RunRef): Promise<string[]> {
  const waiting: string[] = [];
  for await (const { key } of ledger.waitingDuplicatesOf(id)) waiting.push(key);
  return waiting;
}

/** A run that has no row. */
function newRun(digest = newBytes()): RunRef {
  const scene = newScene();
  return { id: runId(scene, model), scene, model, attempt: 1, execution: 'e', digest, day: '2026-03-01' };
}

async function openBatch(): Promise<string> {
  const id = closedBatch();
  await ledger.openBatch(batchOf({ id }), 'e', () => now, 60);
  return id;
}

function closedBatch(): string {
  return randomBytes(16).toString('hex');
}

type Claimed = { run: RunRef; row: LedgerRow };

/** Claimed runs of files with the same bytes. */
async function runsOf(digest: string, count = 2): Promise<[Claimed, Claimed, ...Claimed[]]> {
  const runs = Array.from({ length: count }, async (): Promise<Claimed> => {
    const scene = newScene();
    const row = await claim({ scene, model }, 'first execution');
    return { row, run: { id: row.run, scene, model, attempt: 1, execution: row.execution, digest, day: '2026-03-01' } };
  });
  const [first, second, ...others] = await Promise.all(runs);
  return [first!, second!, ...others];
}

/** The same, of which the first one has owned the bytes, and has failed. */
async function ownerFailed(count = 2) {
  const runs = await runsOf(newBytes(), count);
  await ledger.claimContent(runs[0].run);
  await fail(runs[0].row);
  return runs;
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
