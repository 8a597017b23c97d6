import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { sceneInput } from '../../../core/base/messages.ts';
import type { ModelPackage } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import { decodePart } from '../../../core/scenes/preparedPart.ts';
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { type PreprocessPorts, preprocessStep } from '../../../functions/preprocess/preprocess.ts';
import { rowIn } from '../../benches/ledgerRows.ts';
import { readBaselineFile } from '../../benches/packages.ts';
import { readSmallModel } from '../../benches/scenes.ts';
import { servingOf } from '../../benches/serving.ts';
import { damagedFile } from '../mutate/tfrecord.ts';
import type { Target } from '../target.ts';
import { inPieces, REAL, smallScene } from './records.ts';

const ref = { name: 'small', version: '1.0.0' };
const scene = { bucket: 'inbox', key: 'north/scene', versionId: 'v1' };
const invocation = { remainingSeconds: () => 900, signal: new AbortController().signal };
const at = new Date('2026-03-01T00:00:00.000Z');

const CLAIMED = rowIn('CLAIMED', { scene, model: ref, at: at.toISOString() });

/** All of preprocess, on a ledger that knows of nothing else, until it has answered or thrown. */
function readScene(model: ModelPackage, chipsPerPart: number): Target['read'] {
  return async (file) => {
    const parts = new Map<string, Uint8Array>();
    const told: Record<string, unknown>[] = [];
    const ports: PreprocessPorts = {
      models: { serving: servingOf(ref), load: async () => model },
      accept: async () => 'known',
      resultsBucket: 'results',
      openResult: () => assert.fail('no map is its mask'),
      ledger: {
        claim: async () => ({ held: true, row: { ...CLAIMED, chipsPerPart } }),
        renew: async () => CLAIMED,
        claimContent: async () => CLAIMED.run,
        claimMessages: async (ids) => new Set(ids),
        ofScene: () => assert.fail('no map is its mask'),
        byRun: () => assert.fail('no map is its mask'),
        advance: async (_run, state, _at, found) => {
          told.push({ state, ...found });
          return CLAIMED;
        },
      },
      openScene: async () => ({
        size: file.length,
        lastModified: at,
        chunks: inPieces(file),
        range: rangesIn(file),
        close: () => {},
        hasChanged: async () => false,
      }),
      writeResult: async (key, bytes) => void parts.set(key, bytes),
      listVersions: () => assert.fail('nothing was classified before'),
      removeVersion: () => assert.fail('nothing was classified before'),
      now: () => at,
      chipsPerPart,
      attemptLimit: 3,
      acquisitionTimePattern: '',
      leaseSeconds: 300,
      sceneLimits: SCENE_LIMITS,
    };
    const step = preprocessStep(ports);
    const answer = await step({ scene: sceneInput(scene), execution: 'e' }, invocation).catch((error: Error) => {
      // Whoever reads the reason knows which file it is about, and the ledger knows of no result.
      assert.ok(error.name !== 'InvalidSceneFile' || error.message.startsWith(`${scene.key}: `), error.message);
      assert.deepEqual(told, []);
      throw error;
    });
    const [row] = told;
    const digest = createHash('sha256').update(file).digest('hex');
    assert.partialDeepStrictEqual(row, { digest, size: file.length, parts: parts.size });
    assert.equal(answer.status, parts.size === 0 ? 'empty' : 'ready');
    await checkParts(model, file, [...parts.values()], Number(row?.['chips']) - Number(row?.['blank']));
  };
}

/** Each chip that was prepared lies in the file where its part says. */
async function checkParts(model: ModelPackage, file: Uint8Array, parts: Uint8Array[], chips: number): Promise<void> {
  const chipAt = makeChipAt(async (_scene, offset, length) => file.subarray(offset, offset + length));
  let count = 0;
  for (const part of parts.map(decodePart)) {
    count += part.chips;
    for (let chip = 0; chip < part.chips; chip++) {
      const place = { index: part.index[chip]!, offset: Number(part.offset[chip]), length: part.length[chip]! };
      const { planes, truth } = await chipAt({ ...scene, size: file.length }, place, model);
      assert.equal(part.truth[chip], truth);
      for (const [i, band] of model.bands.entries()) {
        if (!('source' in band) || part.bands[i]!.dataType !== model.source.bands[band.source]!.dataType) continue;
        const size = part.bands[i]!.values.length / part.chips;
        assert.deepEqual(part.bands[i]!.values.slice(chip * size, (chip + 1) * size), planes[band.source]!.slice());
      }
    }
  }
  assert.equal(count, chips);
}

/** Whole scene files, of a model whose chips are four bytes. */
export const smallScenes: Target = {
  name: 'scene',
  limits: { share: 100, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
  make: smallScene,
  read: readScene(await readSmallModel(), 2),
};

/** Whole scene files made of the bundled shard's records, for the bundled model. */
export const realScenes: Target = {
  name: 'realScene',
  limits: { share: 5, refuses: ['InvalidSceneFile'], bytesPerByte: 200 },
  make: (dice) => damagedFile(REAL, dice),
  read: readScene(await readModelPackage(readBaselineFile), 512),
};
