import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ClaimLost, ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import type { FormerVersion, OpenedScene } from '../../core/base/objectStore.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { makePrefixes } from './prefixes.ts';
import type { Prefix, Successor } from './supersede.ts';

/** Which former versions of an object the version at hand begins with: on bytes in memory. */

const bytes = Buffer.from('all of the file');
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const sceneOf = (versionId: string): SceneRef => ({ bucket: 'inbox', key: 'north/a', versionId });
const scene = sceneOf('now');
const run = { run: 'r', model: { name: 'm', version: '1' }, execution: 'e' };

/** What is superseded once so much of the file has come, where the former versions hold these bytes. */
async function supersededBy(formers: FormerVersion[], contents: Record<string, string>, come = bytes.length) {
  const superseded: [Prefix, Successor][] = [];
  const opened: string[] = [];
  const openScene = async ({ versionId }: SceneRef): Promise<OpenedScene> => {
    opened.push(versionId);
    const content = contents[versionId];
    if (content === undefined) throw new ObjectNotFound('gone');
    if (content === '') throw new TransientTrouble('throttled');
    const chunks = async function* () {
      yield Buffer.from(content.slice(0, 1));
      yield Buffer.from(content.slice(1));
    };
    const lastModified = new Date(0);
    return {
      size: content.length,
      lastModified,
      chunks: chunks(),
      range: rangesIn(Buffer.from(content)),
      close: () => {},
      hasChanged: async () => false,
    };
  };
  const prefixes = makePrefixes(
    { openScene, supersede: async (prefix, by) => void superseded.push([prefix, by]) },
    scene,
    formers,
    { size: bytes.length },
  );
  for (let at = 0; at < come; at += 4) prefixes.update(bytes.subarray(at, Math.min(at + 4, come)));
  await prefixes.supersede(run);
  return { superseded, opened };
}

test('a former version that the file begins with is superseded by its run, and no other', async () => {
  const formers: FormerVersion[] = [
    { scene: sceneOf('known'), size: 6, digest: sha256('all of') },
    { scene: sceneOf('another'), size: 6, digest: sha256('All of') },
    { scene: sceneOf('to be read'), size: 10 },
    { scene: sceneOf('another, to be read'), size: 10 },
    { scene: sceneOf('gone'), size: 3 },
    { scene: sceneOf('as long'), size: bytes.length, digest: sha256(bytes) },
    { scene: sceneOf('longer'), size: bytes.length + 1, digest: sha256(bytes) },
    { scene, size: 3, digest: sha256('all') },
  ];
  const contents = { 'to be read': 'all of the', 'another, to be read': 'all of The' };
  const by = { id: 'r', model: run.model, execution: 'e' };
  const { superseded, opened } = await supersededBy(formers, contents);
  assert.deepEqual(superseded, [
    [{ scene: sceneOf('known'), size: 6, digest: sha256('all of') }, by],
    [{ scene: sceneOf('to be read'), size: 10, digest: sha256('all of the') }, by],
  ]);
  assert.deepEqual(opened, ['to be read', 'another, to be read', 'gone']);
});

test('of a file that ends too soon, those are superseded that have come', async () => {
  const formers: FormerVersion[] = [
    { scene: sceneOf('short'), size: 3, digest: sha256('all') },
    { scene: sceneOf('long'), size: 10, digest: sha256('all of the') },
    { scene: sceneOf('gone'), size: 11 },
  ];
  const { superseded, opened } = await supersededBy(formers, {}, 9);
  assert.deepEqual(
    superseded.map(([prefix]) => prefix.scene.versionId),
    ['short'],
  );
  assert.deepEqual(opened, []);
});

test('trouble with a former version is passed on', async () => {
  await assert.rejects(
    supersededBy([{ scene: sceneOf('one'), size: 3 }], { one: '' }),
    new TransientTrouble('throttled'),
  );
});

test('one that somebody else has changed meanwhile is tried again, with the whole step', async () => {
  const formers = [{ scene: sceneOf('one'), size: 3, digest: sha256('all') }];
  const openScene = () => assert.fail('its digest is known');
  for (const [error, expected] of [
    [new ClaimLost('taken'), { name: 'TransientTrouble', message: 'taken' }],
    [new ObjectNotFound('gone'), { name: 'ObjectNotFound' }],
  ] as const) {
    const prefixes = makePrefixes({ openScene, supersede: () => Promise.reject(error) }, scene, formers, {
      size: bytes.length,
    });
    prefixes.update(bytes);
    await assert.rejects(prefixes.supersede(run), expected);
  }
});

test('the digest of the file is computed from its bytes, or taken from the store if there is no former version', () => {
  const openScene = () => assert.fail('nobody asks for one');
  const supersede = () => assert.fail('there is none');
  const digestBy = (formers: FormerVersion[], digest?: string) => {
    const known = digest === undefined ? {} : { digest };
    const prefixes = makePrefixes({ openScene, supersede }, scene, formers, { size: bytes.length, ...known });
    prefixes.update(bytes);
    return prefixes.digest();
  };
  assert.equal(digestBy([]), sha256(bytes));
  assert.equal(digestBy([], 'known'), 'known');
  assert.equal(digestBy([{ scene: sceneOf('longer'), size: 100 }], 'known'), 'known');
  assert.equal(digestBy([{ scene: sceneOf('short'), size: 3 }], 'known'), sha256(bytes));
});
