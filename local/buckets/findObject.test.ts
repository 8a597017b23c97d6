import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeClock } from '../stack/clock.ts';
import { findObjectIn, openSceneIn } from './sceneFiles.ts';

const results = mkdtempSync(join(tmpdir(), 'swath-kept-'));
const text = '{"id":"r-1","inputs":[1]}';
const [bucket, key, versionId] = ['results', 'requests/r-1.json', hash('sha256', text)];
mkdirSync(join(results, 'requests', 'folder.json'), { recursive: true });
writeFileSync(join(results, key), text);
symlinkSync(join(results, key), join(results, 'requests', 'link.json'));

const open = openSceneIn(results);
const find = findObjectIn(
  { inbox: join(results, 'inbox'), once: join(results, 'once'), results },
  makeClock(),
  async () => null,
);

describe('objects in the results folder', () => {
  test('is found by its key, and its version is its content', async () => {
    const found = await find({ bucket, key, versionId: null });
    assert.partialDeepStrictEqual(found, { bucket, key, versionId, size: text.length });
    assert.deepEqual(await find({ bucket, key, versionId }), found);
    assert.equal(await find({ bucket, key, versionId: 'f'.repeat(64) }), 'missing');
  });

  test('is read whole, or some bytes of it', async () => {
    const { chunks, range, size, hasChanged, close } = await open({ bucket, key, versionId });
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    assert.equal(Buffer.concat(parts).toString(), text);
    assert.equal(Buffer.from(await range(2, 2)).toString(), 'id');
    assert.deepEqual([size, await hasChanged(), await hasChanged(versionId)], [text.length, false, false]);
    close();
  });

  test('is another version where its content is another one', async () => {
    const { hasChanged } = await open({ bucket, key, versionId: 'f'.repeat(64) });
    assert.deepEqual([await hasChanged(), await hasChanged(versionId)], [true, true]);
  });

  for (const name of ['none', 'folder', 'link', 'r-1.json/none'])
    test(`is not there where ${name} is`, async () => {
      const other = `requests/${name}.json`;
      await assert.rejects(open({ bucket, key: other, versionId }), { name: 'ObjectNotFound' });
      assert.equal(await find({ bucket, key: other, versionId: null }), 'missing');
    });

  for (const other of ['folder/', './a', '/etc/passwd', 'a//b', '../a', 'a\0', 'a'.repeat(300)])
    test(`do not include a file of the inbox under ${JSON.stringify(other.slice(0, 20))}`, async () =>
      assert.equal(await find({ bucket: 'inbox', key: other, versionId: null }), 'missing'));
});
