import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvalidModelPackage, NoModelPromoted } from '../../core/base/errors.ts';
import { openDataFolder } from '../../local/stack/dataFolder.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { promotedModel, serveModel } from './model.ts';

const AT = new Date('2026-11-19T12:00:00Z');

test('a new folder has the bundled model promoted, and one that serves a model is left alone', async () => {
  const fresh = openDataFolder(temporaryFolder());
  assert.equal((await promotedModel(fresh, AT)).name, 'droughtwatch-baseline');
  const served = openDataFolder(temporaryFolder());
  await serveModel(served, 'landsat-statlog');
  assert.equal((await promotedModel(served, AT)).name, 'landsat-statlog');
});

for (const { what, happens, type, says } of [
  {
    what: 'promoted.json of its model is gone',
    happens: (models: string) => rmSync(join(models, 'landsat-statlog/promoted.json')),
    type: NoModelPromoted,
    says: /^No version of the model landsat-statlog is promoted\. Promote one: npx swath model promote landsat-statlog\/VERSION --data-dir /,
  },
  {
    what: 'serving.json is gone, and promoted.json of another model is there',
    happens: (models: string) => rmSync(join(models, 'serving.json')),
    type: NoModelPromoted,
    says: /^No version of the model droughtwatch-baseline is promoted/,
  },
  {
    what: 'serving.json is damaged',
    happens: (models: string) => writeFileSync(join(models, 'serving.json'), '[]'),
    type: InvalidModelPackage,
    says: /^serving\.json: found /,
  },
])
  test(`where ${what}, no bundled model is promoted beside it`, async () => {
    const folder = openDataFolder(temporaryFolder());
    await serveModel(folder, 'landsat-statlog');
    happens(folder.models);
    await assert.rejects(promotedModel(folder, AT), (error: Error) => {
      assert.ok(error instanceof type);
      assert.match(error.message, says);
      return true;
    });
  });
