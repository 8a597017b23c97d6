import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { InvalidSceneFile, ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { OpenAsset, OpenedAsset } from '../../core/base/objectStore.ts';
import type { OpenAt } from '../../core/scenes/formats/stacItem/assetAt.ts';
import { openAssetsIn, openSceneIn, withAssetsIn } from './sceneFiles.ts';

describe('an asset of an Item', () => {
  let root: string;
  let open: OpenAsset;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'swath-assets-'));
    mkdirSync(join(root, 'inbox', 'a.assets'), { recursive: true });
    writeFileSync(join(root, 'secret'), 'secret');
    writeFileSync(join(root, 'inbox', 'a.stac.json'), '{}');
    writeFileSync(join(root, 'inbox', 'a.assets', 'ten'), '0123456789');
    const inbox = join(root, 'inbox');
    const scene = { bucket: 'inbox', key: 'a.stac.json', versionId: createHash('sha256').update('{}').digest('hex') };
    const { asset, close } = await withAssetsIn(inbox, openSceneIn(inbox))(scene);
    close();
    open = asset!;
  });

  afterEach(() => rmSync(root, { recursive: true }));

  test('an asset is read from the inbox folder, and known by its content', async () => {
    const { key, size, digest, range, close } = await open('./a.assets/ten');
    const sha256 = createHash('sha256').update('0123456789').digest('hex');
    assert.deepEqual([key, size, await digest(async () => {})], ['a.assets/ten', 10, sha256]);
    assert.equal(Buffer.from(await range(8, 100)).toString(), '89');
    close();
  });

  test('one that is written to while it is read is trouble', async () => {
    const { range, close } = await open('a.assets/ten');
    appendFileSync(join(root, 'inbox', 'a.assets', 'ten'), 'more');
    await assert.rejects(range(0, 1), TransientTrouble);
    close();
  });

  test('one at a web address of a host that is named is read there', async () => {
    const scene = { bucket: 'inbox', key: 'a.stac.json' };
    const places = { prefixes: [''], buckets: [], hosts: ['example.com'] };
    const web: OpenAt<URL> = async (url) => ({ key: url.href }) as OpenedAsset;
    const asset = openAssetsIn(join(root, 'inbox'), scene, async () => places, web);
    assert.equal((await asset('https://example.com/ten')).key, 'https://example.com/ten');
    for (const href of ['https://example.org/ten', 's3://another/ten'])
      await assert.rejects(asset(href), /allowed are files of the inbox and at https addresses of example\.com/);
  });

  test('nothing out of the folder is read, by no way', async () => {
    symlinkSync(join(root, 'secret'), join(root, 'inbox', 'link'));
    symlinkSync(root, join(root, 'inbox', 'way'));
    for (const href of [
      '../secret',
      'a.assets/../../secret',
      '..%2fsecret',
      join(root, 'secret'),
      's3://another/secret',
      'https://example.com/secret',
    ])
      await assert.rejects(open(href), InvalidSceneFile, href);
    for (const href of ['link', 'way/secret', 'none', 'a.assets'])
      await assert.rejects(open(href), ObjectNotFound, href);
  });
});
