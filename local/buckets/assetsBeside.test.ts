import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assetsBeside, companionsBeside } from './assetsBeside.ts';
import { openInbox } from './inbox.ts';

describe('files beside an Item', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'swath-beside-'));
    mkdirSync(join(root, 'a.assets', 'more'), { recursive: true });
    writeFileSync(join(root, 'a.assets', 'B02.tif'), 'two');
    writeFileSync(join(root, 'a.assets', 'more', 'B11.tif'), 'eleven');
    symlinkSync(join(root, 'a.stac.json'), join(root, 'a.assets', 'link'));
    for (const name of ['a.tif', 'alone.stac.json']) writeFileSync(join(root, name), '{}');
    const named = [
      'a.assets/B02.tif',
      'a.assets/more/B11.tif',
      'a.assets/none.tif',
      'a.assets/link',
      'a.tif',
      '../a.tif',
    ];
    const hrefs = [...named, 's3://b/a.assets/B02.tif', 'https://example.com/a.assets/B02.tif', 'c.SAFE/B%2001.jp2'];
    const assets = Object.fromEntries(hrefs.map((href, i) => [i, { href }]));
    writeFileSync(join(root, 'a.stac.json'), JSON.stringify({ type: 'Feature', stac_version: '1.1.0', assets }));
    mkdirSync(join(root, 'c.SAFE'));
    writeFileSync(join(root, 'c.SAFE', 'B 01.jp2'), 'one');
    writeFileSync(join(root, 'a.assets', 'unnamed.tif'), 'none');
  });

  after(() => rmSync(root, { recursive: true }));

  test('the files that it names in folders of assets go with an Item', async () => {
    const found = await companionsBeside(join(root, 'a.stac.json'), 'north/a.stac.json');
    assert.deepEqual(found, [
      [join(root, 'a.assets', 'B02.tif'), 'north/a.assets/B02.tif'],
      [join(root, 'a.assets', 'more', 'B11.tif'), 'north/a.assets/more/B11.tif'],
      [join(root, 'c.SAFE', 'B 01.jp2'), 'north/c.SAFE/B 01.jp2'],
    ]);
  });

  test('all files of its folder go with the metadata of a scene, which keep the name of the folder', async () => {
    const metadata = join(root, 'c.SAFE', 'MTD_MSIL2A.xml');
    writeFileSync(metadata, '<a/>');
    symlinkSync(metadata, join(root, 'c.SAFE', 'link'));
    const found = await companionsBeside(metadata, 'x/c.SAFE/MTD_MSIL2A.xml');
    assert.deepEqual(found, [[join(root, 'c.SAFE', 'B 01.jp2'), 'x/c.SAFE/B 01.jp2']]);
    const inbox = openInbox(join(root, 'sent'), join(root, 'sent.jsonl'));
    mkdirSync(join(root, 'sent'));
    const { key } = await inbox.send(metadata);
    assert.match(key, /^[0-9a-f]{12}\/c\.SAFE\/MTD_MSIL2A\.xml$/);
    assert.equal(readFileSync(join(root, 'sent', key, '..', 'B 01.jp2'), 'utf8'), 'one');
    rmSync(metadata);
  });

  test('none go with another file, nor with one that is no Item', async () => {
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
