import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assetsBeside } from './assetsBeside.ts';
import { openInbox } from './inbox.ts';

describe('files beside an Item', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'swath-beside-'));
    mkdirSync(join(root, 'a.assets', 'more'), { recursive: true });
    writeFileSync(join(root, 'a.assets', 'B02.tif'), 'two');
    writeFileSync(join(root, 'a.assets', 'more', 'B11.tif'), 'eleven');
    symlinkSync(join(root, 'a.stac.json'), join(root, 'a.assets', 'link'));
    for (const name of ['a.stac.json', 'a.tif', 'alone.stac.json']) writeFileSync(join(root, name), '{}');
  });

  after(() => rmSync(root, { recursive: true }));

  test('the files of the folder of its name go with an Item', async () => {
    const found = await assetsBeside(join(root, 'a.stac.json'), 'north/b.stac.json');
    assert.deepEqual(found, [
      [join(root, 'a.assets', 'B02.tif'), 'north/b.assets/B02.tif'],
      [join(root, 'a.assets', 'more', 'B11.tif'), 'north/b.assets/more/B11.tif'],
    ]);
  });

  test('none go with another file, nor with an Item that has no such folder', async () => {
    for (const name of ['a.tif', 'alone.stac.json']) assert.deepEqual(await assetsBeside(join(root, name), name), []);
  });

  test('an inbox folder has them where the Item is put into it', async () => {
    const folder = join(root, 'inbox');
    mkdirSync(folder);
    const inbox = openInbox(folder, join(root, 'versions'));
    const { key } = await inbox.send(join(root, 'a.stac.json'));
    const read = (name: string) => readFileSync(join(folder, ...key.split('/').slice(0, -1), 'a.assets', name), 'utf8');
    assert.deepEqual([read('B02.tif'), read('more/B11.tif')], ['two', 'eleven']);
    assert.deepEqual(await inbox.keys(), [key]);
  });
});
