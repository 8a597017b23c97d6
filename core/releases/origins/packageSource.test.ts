import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransientTrouble } from '../../base/errors.ts';
import { filesAt, filesUnder, type HttpGetOptions, readingOnce } from './packageSource.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('the files of a package', () => {
  test('at a web server have addresses below its folder, and redirects are followed', async () => {
    const asked: [string, HttpGetOptions][] = [];
    const get = async (url: URL, options: HttpGetOptions) => {
      asked.push([url.href, options]);
      return { status: 200, bytes: bytesOf('here') };
    };
    const read = filesAt(get, new URL('https://models.example.org/drought/1.2.0/'));
    assert.deepEqual(await read('onnx/model.onnx', 7), bytesOf('here'));
    assert.deepEqual(asked, [
      ['https://models.example.org/drought/1.2.0/onnx/model.onnx', { mostBytes: 7, mayRedirect: true }],
    ]);
  });

  for (const [status, name, message] of [
    [404, 'ObjectNotFound', 'https://models.example.org/a/item.json does not exist.'],
    [410, 'ObjectNotFound', 'https://models.example.org/a/item.json does not exist.'],
    [403, 'InvalidModelPackage', 'item.json: models.example.org answers 403, allowed is 200 with the file'],
  ] as const)
    test(`for which a web server responds with ${status} give ${name}`, () => {
      const get = async () => ({ status, bytes: new Uint8Array() });
      return assert.rejects(filesAt(get, new URL('https://models.example.org/a/'))('item.json'), { name, message });
    });

  test('in a bucket lie under a prefix', async () => {
    const read = filesUnder(async (key, limit) => bytesOf(`${key} ${limit}`), 'drought/1.2.0/');
    assert.deepEqual(await read('item.json', 9), bytesOf('drought/1.2.0/item.json 9'));
  });

  test('are read only once, even after an error, and checked against the limit of each caller', async () => {
    let reads = 0;
    const read = readingOnce(async (file) => {
      reads += 1;
      if (file === 'gone') throw new TransientTrouble('It is away.');
      return bytesOf(`read ${reads}`);
    });
    assert.deepEqual(await Promise.all([read('a'), read('a')]), [bytesOf('read 1'), bytesOf('read 1')]);
    await assert.rejects(read('a', 5), { name: 'ObjectTooLarge', message: 'a has 6 bytes, allowed are at most 5.' });
    for (const _ of [1, 2]) await assert.rejects(read('gone'), { name: 'TransientTrouble' });
    assert.equal(reads, 2);
  });
});
