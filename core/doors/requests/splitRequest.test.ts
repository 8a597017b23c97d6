import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryBucket } from '../../../test/benches/memoryBucket.ts';
import { InvalidMessage, TransientTrouble } from '../../base/errors.ts';
import { encodeRequest, parseRequest, splitRequest } from './request.ts';
import { keepRequest } from './taken.ts';

const inbox = { bucket: 'inbox', prefix: 'in/' };
const split = (message: object) => splitRequest(parseRequest(JSON.stringify(message)), inbox);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('the inline inputs of a request become one object, and the inbox files that it names are scenes', () => {
  const inputs = [{ values: [1] }, { id: 'f', s3: 's3://inbox/in/a.tif', versionId: 'v' }, { s3: 's3://inbox/in/b' }];
  const { hasInline, files, refusals } = split({ inputs, id: 'r-17' });
  assert.equal(hasInline, true);
  assert.deepEqual(files, [
    { index: 1, id: 'f', kind: 's3', bucket: 'inbox', key: 'in/a.tif', versionId: 'v' },
    { index: 2, id: null, kind: 's3', bucket: 'inbox', key: 'in/b', versionId: null },
  ]);
  assert.deepEqual(refusals, []);
  assert.equal(split({ id: 'r', inputs: [{ s3: 's3://inbox/in/a.tif' }] }).hasInline, false);
});

describe('only the input that names no scene file of the inbox is refused', () => {
  for (const [s3, says] of [
    ['s3://other/in/a.tif', 'allowed are files of the inbox, s3://inbox/in/…'],
    ['s3://inbox/a.tif', 'allowed are files of the inbox, s3://inbox/in/…'],
    ['s3://inbox/in/swath-canary/a', "which lies in the service's own folder and is no scene file"],
    ['s3://inbox/in/notes.txt', 'which is no scene file, as .txt says'],
    ['s3://inbox/in/a.assets/B2.tif', 'which is no scene file, as .assets/ says'],
  ] as const)
    test(s3, () => {
      const { files, refusals, hasInline } = split({ id: 'r', inputs: [{ id: 'a', s3 }, { s3: 's3://inbox/in/b' }] });
      assert.deepEqual(
        files.map(({ key }) => key),
        ['in/b'],
      );
      assert.deepEqual(refusals, [{ index: 0, name: 'a', message: `inputs[0].s3: found “${s3}”, ${says}` }]);
      assert.equal(hasInline, false);
    });

  test('an unreadable input is kept for the reader of the object', () => {
    const { files, refusals, hasInline } = split({ id: 'r', inputs: [{ s3: 7 }] });
    assert.deepEqual([files, refusals, hasInline], [[], [], true]);
  });
});

describe('the bytes of a request', () => {
  test('do not depend on the order of its members or on spaces', () => {
    const one = '{"id":"r","model":"m/1","inputs":[{"id":"a","bands":{"B2":"AA==","B1":"AQ=="}},{"values":[1.0,2e1]}]}';
    const same = `{ "inputs": [ {"bands": {"B1": "AQ==", "B2": "AA=="}, "id": "a"},\n {"values": [1, 20]} ],
      "replyTo": null, "model": "m/1", "id": "r" }`;
    const [bytes, others] = [one, same].map((text) => textOf(encodeRequest(parseRequest(text))));
    assert.equal(bytes, others);
    assert.ok(bytes!.startsWith('{"id":"r","model":"m/1","inputs":['));
  });

  test('keep the members of an input, whatever their names are', () => {
    const text = '{"id":"r","inputs":[{"__proto__":{"a":1},"values":[1]}]}';
    assert.equal(textOf(encodeRequest(parseRequest(text))), text);
  });

  test('cannot be made if it is nested too deep', () => {
    const deep = `{"id":"r","inputs":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;
    assert.throws(() => encodeRequest(parseRequest(deep)), {
      name: 'InvalidMessage',
      message: /^The request r cannot be taken: inputs: found lists that are nested too deep/,
    });
  });
});

describe('a request is kept under its id', () => {
  function makeStore() {
    const objects = new Map<string, Uint8Array>();
    return { objects, store: memoryBucket(objects) };
  }
  const request = (value: number) => parseRequest(JSON.stringify({ id: 'r', inputs: [{ values: [value] }] }));

  test('once: the same request sent again is not stored again', async () => {
    const { objects, store } = makeStore();
    assert.deepEqual(await keepRequest(store, request(1)), { isNew: true });
    assert.deepEqual(await keepRequest(store, request(1)), { isNew: false });
    assert.deepEqual([...objects.keys()], ['requests/r.json']);
  });

  test('another request with the same id is refused, and the stored one stays', async () => {
    const { objects, store } = makeStore();
    await keepRequest(store, request(1));
    await assert.rejects(
      keepRequest(store, request(2)),
      (error: Error) =>
        error instanceof InvalidMessage &&
        /^The request r cannot be taken: there is one of this id with other bytes \(SHA-256 [0-9a-f]{12}…, and this one's is [0-9a-f]{12}…\)/.test(
          error.message,
        ),
    );
    assert.deepEqual(objects.get('requests/r.json'), encodeRequest(request(1)));
  });

  test('a request that disappears in the meantime is a transient error', async () => {
    const gone = { readVersion: async () => null, replaceVersion: async () => null };
    await assert.rejects(keepRequest(gone, request(1)), TransientTrouble);
  });
});
