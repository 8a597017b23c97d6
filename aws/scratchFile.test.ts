import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeScratchFile } from './scratchFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-scratch-'));
after(() => rmSync(folder, { recursive: true }));

test('stored bytes can be read again, in any range, while more are stored', async () => {
  await using scratch = await makeScratchFile(folder);
  const bytes = new Uint8Array([1, 2, 3]);
  assert.equal(await scratch.append(bytes), 0);
  bytes.fill(9); // it may change by now
  assert.equal(await scratch.append(new Uint8Array([4, 5])), 3);
  assert.deepEqual([...(await scratch.read(0, 3))], [1, 2, 3]);
  assert.deepEqual([...(await scratch.read(4, 1))], [5]);
  assert.equal(await scratch.append(new Uint8Array([6])), 5);
  assert.deepEqual([...(await scratch.read(5, 1))], [6]);
  assert.deepEqual([...(await scratch.read(2, 0))], []);
});

test('several files share a folder, each with its own bytes', async () => {
  await using one = await makeScratchFile(folder);
  await using other = await makeScratchFile(folder);
  await Promise.all([one.append(new Uint8Array([1])), other.append(new Uint8Array([2]))]);
  assert.deepEqual([...(await one.read(0, 1)), ...(await other.read(0, 1))], [1, 2]);
});

test('more than was kept is an error, and no zeros', async () => {
  await using scratch = await makeScratchFile(folder);
  await scratch.append(new Uint8Array([1, 2]));
  await assert.rejects(scratch.read(1, 2), /was cut short/);
});

test('nothing of it is left in the folder, by when it is in use', { skip: process.platform === 'win32' }, async () => {
  const scratch = await makeScratchFile(folder);
  await scratch.append(new Uint8Array(1000));
  assert.deepEqual(readdirSync(folder), []);
  await scratch[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(scratch.read(0, 1));
});

test('a folder that is not there is an error', async () => {
  await assert.rejects(makeScratchFile(join(folder, 'none')), { code: 'ENOENT' });
});
