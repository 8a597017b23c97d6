import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Bucket } from '../../core/base/objectStore.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import { type OwnStack, startStack } from '../../local/stack/stack.ts';
import { NAME, writePackages } from '../../test/candidates/packages.ts';
import { TRAINING, VERSIONS } from '../../test/candidates/training.ts';
import { sceneOf } from '../../test/scenes.ts';
import { publishModel } from '../models/publishModel.ts';
import { tryModel } from '../models/tryModel.ts';
import { BY_DEFAULT, retrainOnce } from './retrain.ts';

/** A year, which is usual, is a question for each of its days. */
const LATELY = { ...BY_DEFAULT, since: '30d' };

/** A bucket that fails from a write on, as for a process that is killed then. */
function dyingAt(writes: number, bucket: Bucket): { modelBucket: Bucket; died: () => boolean } {
  let left = writes;
  const counted =
    <Given extends unknown[], Result>(write: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      left -= 1;
      if (left < 0) throw new Error('It was killed.');
      return write(...given);
    };
  const modelBucket = { ...bucket, write: counted(bucket.write), replaceVersion: counted(bucket.replaceVersion) };
  return { modelBucket, died: () => left < 0 };
}

/** A bucket that fails once a version in it is whole. */
function dyingOncePublished(bucket: Bucket): Bucket {
  let isPublished = false;
  return {
    ...bucket,
    write: async (...given) => (isPublished ? assert.fail('It was killed.') : bucket.write(...given)),
    replaceVersion: async (...given) => {
      if (isPublished) assert.fail('It was killed.');
      const written = await bucket.replaceVersion(...given);
      isPublished = /"isWhole":\s*true/.test(new TextDecoder().decode(given[1]));
      return written;
    },
  };
}

test('a version that was published by a call that is killed then is told of by the next one, though more truths have come', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'swath-retrain-'));
  const packages = writePackages(cwd, VERSIONS);
  const script = join(cwd, 'train.mjs');
  writeFileSync(script, TRAINING);
  const stack = await startStack({ dataDir: join(cwd, 'data'), command: 'a test', onError: () => {} });
  try {
    await publishModel(folderBucket(stack.folder.models), packages.live);
    await makePromotions(folderBucket(stack.folder.models), NAME, tryModel).promote(VERSIONS.live, stack.now());
    const send = async (names: string) => {
      for (const [i, name] of [...names].entries()) {
        writeFileSync(join(cwd, 'file'), sceneOf(name, 81, i));
        await stack.deliver(await stack.put(join(cwd, 'file'), name));
      }
    };
    const subjects: string[] = [];
    const service = embeddedService(stack);
    const retrain = (modelBucket: Bucket) =>
      retrainOnce({
        ...{ ...LATELY, heldOut: 0.5, command: ['node', script, packages.live, '255'], work: join(cwd, 'work') },
        within: (work) => work({ ...service, modelBucket }),
        tell: async ({ subject }) => void subjects.push(subject),
      });
    await send('abcdef');
    await assert.rejects(retrain(dyingOncePublished(service.modelBucket)), /It was killed/);
    const published = (await service.listVersions(NAME)).find((version) => version !== VERSIONS.live);
    await send('gh');
    const { outcome, model } = await retrain(service.modelBucket);
    assert.deepEqual([outcome, model?.version], ['candidate', published]);
    assert.deepEqual(subjects.slice(-1), [`A candidate: ${NAME} ${published}`]);
  } finally {
    await stack.close();
    rmSync(cwd, { recursive: true });
  }
});

describe('retraining with each sweep, behind a gate', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'swath-retrain-'));
  const packages = writePackages(cwd, VERSIONS, { max_accuracy_drop: 0.05, min_chips: 300 });
  const script = join(cwd, 'train.mjs');
  let stack: OwnStack;
  let divisor = '255';
  let deaths = 0;

  /** A day: a file whose truth is known, and the sweep, with which the model is trained anew. */
  async function day(): Promise<void> {
    stack.clock.set(new Date(stack.now().getTime() + DAY_MILLISECONDS));
    const today = dayOf(stack.now());
    const file = join(cwd, 'file');
    for (const [i, name] of ['a', 'b'].entries()) {
      writeFileSync(file, sceneOf(`${name} of ${today}`, 81, i));
      await stack.deliver(await stack.put(file, `${today}-${name}`));
    }
    await stack.sweep();
    await stack.idle();
  }

  before(async () => {
    writeFileSync(script, TRAINING);
    stack = await startStack({
      dataDir: join(cwd, 'data'),
      command: 'a test',
      watchRegistry: async (tell) => {
        for (let writes = 0; ; writes += 1) {
          const service = embeddedService(stack);
          const { modelBucket, died } = dyingAt(writes, service.modelBucket);
          const retraining = retrainOnce({
            ...LATELY,
            heldOut: 0.5,
            command: ['node', script, packages.live, divisor],
            work: join(cwd, 'work'),
            within: (work) => work({ ...service, modelBucket }),
            tell,
          });
          await retraining.catch((error) => assert.ok(died(), error));
          if (!died()) return;
          deaths += 1;
        }
      },
      onError: (...trouble) => assert.fail(String(trouble)),
    });
    stack.clock.set(new Date('2026-03-02T08:00:00Z'));
    await publishModel(folderBucket(stack.folder.models), packages.live);
    await makePromotions(folderBucket(stack.folder.models), NAME, tryModel).promote(VERSIONS.live, stack.now());
  });
  after(async () => {
    await stack?.close();
    rmSync(cwd, { recursive: true });
  });

  const live = async () => (await embeddedService(stack).models.promotion(NAME))?.version;
  const told = async () => (await stack.readOutbox()).map(({ subject }) => subject.replace(/\d{4}\.\S+/, 'VERSION'));

  test('a better version is trained, shadows for a week and is promoted, and a worse one is refused, though each call is killed at each of its writes', async () => {
    for (let i = 0; i < 20 && (await live()) === VERSIONS.live; i += 1) await day();
    assert.match((await live())!, /^2026\.03\.\d\d-[0-9a-f]{8}$/);
    const better = await live();
    divisor = '60';
    await day();
    await day();
    assert.equal(await live(), better);
    const versions = await embeddedService(stack).listVersions(NAME);
    assert.deepEqual(versions.toSorted(), [VERSIONS.live, better], 'it has published one version');
    const candidate = (await stack.readOutbox()).find(({ subject }) => subject.startsWith('Swath: A candidate:'));
    assert.ok(candidate?.text.includes(`  npx swath model list ${NAME} --data-dir ${join(cwd, 'data')}\n`));
    assert.ok(deaths >= 10, String(deaths));
    const subjects = (await told()).filter((subject) => /candidate|Promoted|refused/.test(subject)).reverse();
    assert.deepEqual(
      [...new Set(subjects)],
      [
        `Swath: A candidate: ${NAME} VERSION`,
        `Swath: Promoted: ${NAME} VERSION`,
        `Swath: The retrained ${NAME} VERSION was refused`,
      ],
    );
  });
});
