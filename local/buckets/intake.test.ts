import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { fullSweepInput, type SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { sceneOf } from '../../test/scenes.ts';
import { type OwnStack, ROOM_MILLISECONDS, startStack } from '../stack/stack.ts';
import { folderBucket, versionsInFolder } from './folderBucket.ts';
import { INBOX } from './inbox.ts';
import { fingerprint } from './sceneFolder.ts';
import { STILL_MILLISECONDS } from './still.ts';

/** What becomes of files that other programs put into the inbox, from the file to its run's end, with restarts in between. */

const MODEL = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
const PATIENCE_MILLISECONDS = 60_000;

const home = mkdtempSync(join(tmpdir(), 'swath-intake-'));
const dataDir = join(home, 'data');
const errors: unknown[] = [];
let stack: OwnStack;

describe('files that other programs put into the inbox', () => {
  before(async () => {
    await open();
    const bucket = folderBucket(stack.folder.models);
    const { name, version } = await publishModel(bucket, MODEL);
    await makePromotions(bucket, name, tryModel).promote(version, stack.now());
  });
  after(async () => {
    await stack.close();
    rmSync(home, { recursive: true });
    assert.deepEqual(errors, []);
  });

  describe('other bytes of the same size and time in the place of a file', () => {
    const KEYS = ['cp', 'tar', 'rsync'];
    const replaceBy: Record<string, (bytes: Uint8Array) => void> = {
      cp: (bytes) => drop('cp', bytes),
      tar: (bytes) => {
        rmSync(pathOf('tar'));
        drop('tar', bytes);
      },
      rsync: (bytes) => {
        drop('.rsync', bytes);
        renameSync(pathOf('.rsync'), pathOf('rsync'));
      },
    };
    const bytesOf = (key: string, version: number) => sceneOf(`${key}, version ${version}`, 2);
    const end = (key: string, version: number) => ended(sceneAt(key, bytesOf(key, version)));
    const isDone = { state: 'DONE', attempt: 1, chips: 2 };

    before(async () => {
      await stack.startIntake();
      for (const key of KEYS) drop(key, bytesOf(key, 1));
      for (const key of KEYS) assert.partialDeepStrictEqual(await end(key, 1), isDone);
    });

    test('are a run of their own, however they came there', async () => {
      for (const key of KEYS) {
        const { size, mtimeMs } = statSync(pathOf(key));
        replaceBy[key]!(bytesOf(key, 2));
        assert.partialDeepStrictEqual(statSync(pathOf(key)), { size, mtimeMs });
      }
      for (const key of KEYS) assert.partialDeepStrictEqual(await end(key, 2), isDone);
    });

    test('are one version if they came while nothing ran; a full sweep finds them if the file system does not', async () => {
      await stack.close();
      for (const key of KEYS) replaceBy[key]!(bytesOf(key, 3));
      // As if one of them were the file that has been there all the time.
      const untold = sceneAt('cp', bytesOf('cp', 3));
      const seen = [untold.key, sceneAt('cp', bytesOf('cp', 2)).versionId, await fingerprint(pathOf('cp'))];
      appendFileSync(stack.folder.versions, `${JSON.stringify(seen)}\n`);
      await pause(STILL_MILLISECONDS + 100); // so that they are the sweep's, and not the watcher's
      await open();
      await stack.startIntake();
      for (const key of ['tar', 'rsync']) assert.partialDeepStrictEqual(await end(key, 3), isDone);
      await stack.sweep();
      assert.deepEqual(await stack.ledger.ofScene(untold), [], 'what stands as it did is not read');
      await stack.executions.start('full', fullSweepInput);
      assert.partialDeepStrictEqual(await ended(untold), isDone);
    });
  });

  describe('a file that was deleted before its run looked at it, until its attempts were used up', () => {
    const bytesOf = (key: string) => sceneOf(`deleted, ${key}`, 3);
    const begunAnew = (key: string) =>
      ended(sceneAt(key, bytesOf(key)), ({ state, attempt }) => attempt > 3 && !isRunning(state));
    const isDone = { state: 'DONE', attempt: 4, chips: 3 };

    before(async () => {
      await stack.close();
      await open();
      for (const key of ['watched', 'not watched']) {
        const file = join(home, 'file');
        writeFileSync(file, bytesOf(key));
        const scene = await stack.put(file, key); // so the inbox knows what it is
        rmSync(pathOf(key));
        assert.equal((await stack.deliver(scene)).error, 'ObjectNotFound');
      }
      for (let attempt = 2; attempt <= 3; attempt += 1) await stack.sweep();
      for (const key of ['watched', 'not watched'])
        assert.partialDeepStrictEqual(await ended(sceneAt(key, bytesOf(key))), {
          state: 'FAILED',
          attempt: 3,
          attemptLimit: 3,
        });
    });

    test('is DONE when it comes back with the same bytes, and stays so when it comes back again', async () => {
      await stack.startIntake();
      drop('watched', bytesOf('watched'));
      const row = await begunAnew('watched');
      assert.partialDeepStrictEqual(row, isDone);
      rmSync(pathOf('watched'));
      await pause(500); // so that nobody takes it for the same file
      drop('watched', bytesOf('watched'));
      await pause(STILL_MILLISECONDS + 1000);
      await stack.idle();
      assert.deepEqual(await stack.ledger.ofScene(row.scene), [row]);
    });

    test('is DONE when it comes back while nothing runs', async () => {
      await stack.close();
      drop('not watched', bytesOf('not watched'));
      await pause(STILL_MILLISECONDS + 100); // so that it is the sweep's
      await open();
      await stack.startIntake();
      assert.partialDeepStrictEqual(await begunAnew('not watched'), isDone);
    });
  });

  describe('a file that grows after it was done', () => {
    const bytesOf = (key: string, chips: number) => sceneOf(`grown, ${key}`, chips);
    const isLeft = ({ state }: LedgerRow) => state === 'DUPLICATE';

    async function assertOne(key: string): Promise<void> {
      const whole = await ended(sceneAt(key, bytesOf(key, 4)));
      assert.partialDeepStrictEqual(whole, { state: 'DONE', attempt: 1, chips: 4 });
      const left = await ended(sceneAt(key, bytesOf(key, 2)), isLeft);
      assert.partialDeepStrictEqual(left, { duplicateOf: whole.run, attempt: 2 });
      const prefix = `predictions/model=${left.model.name}/version=${left.model.version}/date=${left.day}/`;
      const keys = (await versionsInFolder(stack.folder.results).listVersions(prefix)).map((one) => one.key);
      assert.deepEqual(
        [whole, left].map(({ run }) => keys.filter((one) => one.includes(run)).length),
        [1, 0],
      );
    }

    async function dropHalf(key: string): Promise<void> {
      drop(key, bytesOf(key, 2));
      assert.partialDeepStrictEqual(await ended(sceneAt(key, bytesOf(key, 2))), { state: 'DONE', chips: 2 });
    }

    test('is one version: the run of the shorter one is its duplicate, and has no predictions', async () => {
      await dropHalf('appended');
      drop('appended', bytesOf('appended', 4));
      await assertOne('appended');
    });

    test('is one version as well if it grew while nothing ran', async () => {
      await dropHalf('grown meanwhile');
      await stack.close();
      drop('grown meanwhile', bytesOf('grown meanwhile', 4));
      await pause(STILL_MILLISECONDS + 100); // so that it is the sweep's
      await open();
      await stack.startIntake();
      await assertOne('grown meanwhile');
    });
  });

  test('a file that comes while the disk is full is told of once, and classified once there is room', {
    skip: existsSync('/dev/full') ? false : 'NOT TESTED: there is no /dev/full here',
  }, async () => {
    const { versions } = stack.folder;
    renameSync(versions, `${versions}.kept`);
    symlinkSync('/dev/full', versions);
    const bytes = sceneOf('full', 2);
    drop('full', bytes);
    while (errors.length === 0) await pause(100);
    await pause(ROOM_MILLISECONDS + 1000); // so that it is looked at once more
    rmSync(versions);
    renameSync(`${versions}.kept`, versions);
    assert.partialDeepStrictEqual(await ended(sceneAt('full', bytes)), { state: 'DONE', chips: 2 });
    assert.deepEqual(
      errors.splice(0).map((one) => String(one)),
      ['full,Error: ENOSPC: no space left on device, write'],
    );
  });
});

async function open(): Promise<void> {
  const onError = (...trouble: unknown[]) => void errors.push(trouble);
  stack = await startStack({ dataDir, command: 'a test', onError });
}

function pathOf(key: string): string {
  return join(dataDir, 'inbox', key);
}

/** As a program does that brings a file's own time along. */
function drop(key: string, bytes: Uint8Array): void {
  writeFileSync(pathOf(key), bytes);
  utimesSync(pathOf(key), 1e9, 1e9);
}

function sceneAt(key: string, bytes: Uint8Array): SceneRef {
  return { bucket: INBOX, key, versionId: createHash('sha256').update(bytes).digest('hex') };
}

/** The run of a scene, once it is what is waited for: at its end. */
async function ended(
  scene: SceneRef,
  isEnd = ({ state }: LedgerRow): boolean => !isRunning(state),
): Promise<LedgerRow> {
  for (const began = Date.now(); ; await pause(100)) {
    const [row] = await stack.ledger.ofScene(scene);
    if (row !== undefined && isEnd(row)) return row;
    if (Date.now() - began > PATIENCE_MILLISECONDS)
      assert.fail(`${scene.key} has no run that came to its end: ${JSON.stringify(row)}`);
  }
}
