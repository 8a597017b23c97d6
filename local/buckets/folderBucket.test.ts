import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DiskFull, ObjectNotFound } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import {
  openObjectInFolder,
  readFromFolder,
  versionsInFolder,
  withBuffer,
  writeStreamToFolder,
  writeToFolder,
} from './folderBucket.ts';

const outside = mkdtempSync(join(tmpdir(), 'swath-bucket-'));
const bucket = join(outside, 'results');
mkdirSync(bucket);
after(() => rmSync(outside, { recursive: true }));

const read = readFromFolder(bucket);
const write = writeToFolder(bucket);
const bytes = (text: string) => new TextEncoder().encode(text);
const texts = async (key: string) => new TextDecoder().decode(await read(key));

describe('an object', () => {
  test('is removed as the version that was found, and not when it was written anew since', async () => {
    const { listVersions, removeVersion } = versionsInFolder(bucket);
    const [key, other] = ['predictions/removed-0.parquet', 'predictions/removed-10.parquet'];
    assert.deepEqual(await listVersions('predictions/removed-0'), []);
    await write(key, bytes('first'));
    await write(other, bytes('other'));
    const [first = assert.fail(), ...more] = await listVersions('predictions/removed-0');
    assert.deepEqual([first.key, more], [key, []]);
    await write(key, bytes('second'));
    await removeVersion(first);
    assert.equal(await texts(key), 'second');
    const [second = assert.fail()] = await listVersions('predictions/removed-0');
    await removeVersion(second);
    assert.deepEqual(await listVersions('predictions/removed-0'), []);
    await removeVersion(first);
    assert.equal(await texts(other), 'other');
  });

  test('of any size is read in pieces, or as it comes', async () => {
    const open = openObjectInFolder(bucket);
    const long = Buffer.alloc(600_001, 'abcdefg');
    await write('maps/long.tif', long);
    const { size, range, chunks } = await open('maps/long.tif');
    assert.equal(size, long.length);
    assert.deepEqual(Buffer.from(await range(599_990, 100)), long.subarray(599_990), 'fewer where it ends before');
    assert.deepEqual(Buffer.from(await range(7, 3)), Buffer.from('abc'));
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks()) parts.push(chunk);
    assert.ok(parts.length > 1 && Buffer.concat(parts).equals(long));
    for (const key of ['maps/none.tif', '../outside.tif', 'maps'])
      await assert.rejects(open(key), (error) => error instanceof ObjectNotFound, key);
    rmSync(join(bucket, 'maps/long.tif'));
    await assert.rejects(range(0, 1), ObjectNotFound);
  });

  test('is a file under its key, in folders made for it, and is replaced whole', async () => {
    const key = predictionsKey({ id: 'r', model: { name: 'm', version: '1.0+b' }, day: '2026-03-01' }, 0);
    await write(key, bytes('the first content'));
    await write(key, bytes('the second'));
    assert.equal(await texts(key), 'the second');
    assert.ok(existsSync(join(bucket, 'predictions/model=m/version=1.0+b/date=2026-03-01/r-00000.parquet')));
  });

  test('is a file: a pipe in its place is not waited for', { timeout: 10_000 }, async () => {
    mkdirSync(join(bucket, 'folder'));
    execFileSync('mkfifo', [join(bucket, 'pipe')]);
    for (const [key, what] of [
      ['pipe', 'a named pipe'],
      ['folder', 'a folder'],
    ] as const)
      await assert.rejects(read(key), {
        name: 'ObjectNotFound',
        message: `${key} is no object: ${join(bucket, key)} is ${what}, allowed is a file.`,
      });
    await write('pipe', bytes('a file'));
    assert.equal(await texts('pipe'), 'a file');
  });

  test('of more bytes than asked for at most is refused, and nothing of it is read', async () => {
    await write('ten', bytes('0123456789'));
    assert.equal((await read('ten', 10)).length, 10);
    await assert.rejects(read('ten', 9), {
      name: 'ObjectTooLarge',
      message: 'ten has 10 bytes, allowed are at most 9.',
      bytes: 10,
    });
  });

  test('may be empty', async () => {
    await write('empty', new Uint8Array());
    assert.equal(await texts('empty'), '');
  });

  test('of many concurrent writers is that of one of them, whole', async () => {
    const contents = Array.from({ length: 10 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(contents.map((content) => write('contended', bytes(content))));
    assert.ok(contents.includes(await texts('contended')));
    assert.deepEqual(hidden(bucket), []);
  });

  for (const key of ['absent', 'absent/too', 'empty/below-a-file'])
    test(`that is not there is not found: ${key}`, async () => {
      await write('empty', new Uint8Array());
      await assert.rejects(read(key), new ObjectNotFound(`${key} does not exist.`));
    });
});

test('a write that fails leaves the former object, and no temporary file', async () => {
  mkdirSync(join(bucket, 'taken', 'by-a-folder'), { recursive: true });
  writeFileSync(join(bucket, 'taken', 'by-a-folder', 'file'), 'x');
  await assert.rejects(write('taken/by-a-folder', bytes('y')));
  assert.deepEqual(readdirSync(join(bucket, 'taken')), ['by-a-folder']);
  assert.equal(await texts('taken/by-a-folder/file'), 'x');
});

describe('an invalid key is refused, to read and to write:', () => {
  writeFileSync(join(outside, 'secret'), 'x');
  const paths = '. .. ../secret a/../../secret /etc/passwd a//b a/ .hidden a/.hidden C:secret a\\b a. é'.split(' ');
  for (const key of ['', 'a b', 'a\0b', ...paths])
    test(JSON.stringify(key), async () => {
      const refused = new ObjectNotFound(`${JSON.stringify(key)} is no key of this store.`);
      await assert.rejects(read(key), refused);
      await assert.rejects(write(key, bytes('y')), refused);
    });
});

describe('a write without room', () => {
  for (const code of ['ENOSPC', 'EDQUOT'])
    test(`names the bytes that it needs and those that are free: ${code}`, async () => {
      const cause = Object.assign(new Error('write failed'), { code });
      const path = join(bucket, 'part');
      await assert.rejects(
        withBuffer(path, 1_234_567, () => Promise.reject(cause)),
        (error) => {
          assert.ok(error instanceof DiskFull);
          assert.equal(error.cause, cause);
          const [before, free] = error.message.split('needs 1,234,567 bytes, and ');
          assert.equal(before, `No room to write ${path}: it `);
          assert.match(
            free ?? '',
            /^\d[\d,]* are free beside the 1,048,576 that are kept for the ledger\. Make room, then run it again\.$/,
          );
          return true;
        },
      );
    });

  test('is not begun, wherever it would go, if it would leave the ledger too little', async () => {
    const { bavail, bsize } = statfsSync(bucket);
    const path = join(bucket, 'new', 'part');
    await assert.rejects(withBuffer(path, bavail * bsize, assert.fail), DiskFull);
  });

  test('fails with its own error if the disk has room', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    await assert.rejects(
      withBuffer(bucket, 1, () => Promise.reject(denied)),
      denied,
    );
    assert.equal(await withBuffer(bucket, 1, async () => 'written'), 'written');
  });
});

describe('an object that comes piece by piece', () => {
  const folder = join(outside, 'streamed');
  mkdirSync(folder);
  const writeStream = writeStreamToFolder(folder);
  const pieces = async function* (...texts: string[]) {
    for (const text of texts) yield bytes(text);
  };

  test('is seen when it is whole, as the version that is answered', async () => {
    const key = 'maps/model=m/a.tif';
    const seen: string[][] = [];
    async function* watched() {
      yield bytes('first ');
      seen.push(readdirSync(join(folder, 'maps', 'model=m')).filter((name) => !name.startsWith('.')));
      yield bytes('and second');
    }
    const written = await writeStream(key, { size: 16, chunks: watched() });
    assert.deepEqual(seen, [[]]);
    assert.equal(new TextDecoder().decode(await readFromFolder(folder)(key)), 'first and second');
    assert.deepEqual(await versionsInFolder(folder).listVersions('maps/'), [written]);
    const again = await writeStream(key, { size: 5, chunks: pieces('third') });
    await versionsInFolder(folder).removeVersion(written); // which is no more
    assert.deepEqual(await versionsInFolder(folder).listVersions('maps/'), [again]);
  });

  test('whose pieces end in an error leaves the former object, and no temporary file', async () => {
    await writeStream('b.tif', { size: 6, chunks: pieces('before') });
    async function* broken() {
      yield bytes('half');
      throw new Error('the temporary file was cut short');
    }
    await assert.rejects(writeStream('b.tif', { size: 8, chunks: broken() }), /cut short/);
    assert.equal(new TextDecoder().decode(await readFromFolder(folder)('b.tif')), 'before');
    assert.deepEqual(hidden(folder), []);
  });

  test('for which there is no room is refused at the beginning', async () => {
    const { bavail, bsize } = statfsSync(folder);
    let isAsked = false;
    async function* asked() {
      isAsked = true;
      yield bytes('x');
    }
    const write = writeStream('c.tif', { size: bavail * bsize + 1, chunks: asked() });
    await assert.rejects(
      write,
      (error) => error instanceof DiskFull && /^No room to write .*c\.tif/.test(error.message),
    );
    assert.equal(isAsked, false);
    assert.deepEqual(hidden(folder), []);
  });
});

function hidden(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('.'));
}
