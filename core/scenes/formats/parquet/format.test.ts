import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rowModel } from '../../../../test/benches/rowModel.ts';
import { isRefused, readAgain, readScene } from '../../../../test/benches/sceneFiles.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { parquetFile } from '../../../tables/parquet.ts';
import { HEAD_BYTES } from '../format.ts';
import { parquet } from './format.ts';
import vectors from './parquet.vectors.json' with { type: 'json' };

const uint8 = await rowModel('uint8');
const carry = [{ name: 'id', type: 'STRING' }] as const;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const read = (file: Uint8Array, model: ModelPackage = uint8, size = 1000, limits = {}) =>
  readScene(parquet, file, model, { size, limits });
const again = (file: Uint8Array, index: number, model: ModelPackage = uint8) => readAgain(parquet, file, index, model);

describe('files written by Apache Arrow are read as Arrow reads them:', () => {
  for (const { what, held, file: text, rows, ids, labels } of vectors.tables)
    test(what, async () => {
      const file = bytesOf(text);
      assert.equal(parquet.sniff(file.subarray(0, HEAD_BYTES), file.length), 'yes');
      const model = { ...(await rowModel(held)), carry };
      for (const size of [7, 100, 100_000]) {
        const { chips, requests, streamed } = await read(file, model, size);
        assert.deepEqual(
          chips.map(({ planes }) => planes.map((plane) => plane[0])),
          rows,
        );
        assert.ok(
          chips.every(({ planes }) => planes.every((plane) => plane.constructor.name.toLowerCase() === `${held}array`)),
        );
        assert.deepEqual(
          chips.map(({ truth, carried }) => [truth, carried?.[0]]),
          labels.map((label, i) => [label, ids[i] || null]),
        );
        // The footer alone is asked for: all else comes from the stream, which is read to its end.
        assert.deepEqual([requests.length, streamed], [1, file.length]);
        for (const index of [0, 3, 6]) assert.deepEqual(await again(file, index, model), chips[index]);
      }
    });
});

test('whole numbers that a float does not hold are rounded to the nearest value, as in a CSV', async () => {
  const columns = ['A', 'B'].map((name) => ({ name, type: 'INT64' as const }));
  const file = await parquetFile(columns, [[2n ** 53n + 1n, 16_777_217n]]);
  const { chips } = await read(file, await rowModel('float32'));
  assert.deepEqual(
    chips[0]!.planes.map((plane) => plane[0]),
    [2 ** 53, 2 ** 24],
  );
});

test('a row that does not exist is refused', async () => {
  await assert.rejects(
    again(bytesOf(vectors.tables[1]!.file), 7),
    new InvalidSceneFile('a: has no row 7, found are 7'),
  );
});

describe('unsupported values are refused by name:', () => {
  const numbers = 'allowed are numbers: whole ones, floats and booleans';
  const messages: Record<string, string> = {
    texts: `column “A”: found texts, ${numbers}`,
    dates: `column “A”: found DATE, ${numbers}`,
    times: `column “A”: found TIMESTAMP, ${numbers}`,
    decimals: `column “A”: found DECIMAL, ${numbers}`,
    lists: `column “A”: found values within one another, ${numbers}`,
    structs: `column “A”: found values within one another, ${numbers}`,
    null: 'column “A”: row 1: found no value, allowed is a value of uint8',
    range: 'column “A”: row 1: found 300, allowed is a value of uint8',
    fraction: 'column “A”: row 1: found 2.5, allowed is a value of uint8',
    lz4: 'column “A”: group of rows 0: found the compression LZ4_RAW, allowed are none, Snappy, gzip, Zstandard and Brotli',
  };
  for (const { what, file } of vectors.refused)
    test(what, () => assert.rejects(read(bytesOf(file)), new InvalidSceneFile(`a: ${messages[what]}`)));
});

describe('a damaged file is refused:', () => {
  const good = bytesOf(vectors.tables.find(({ what }) => what === 'uint8')!.file);
  const footerStart = good.length - 8 - Buffer.from(good).readUInt32LE(good.length - 8);
  const changed = (at: number, ...bytes: number[]) => {
    const file = good.slice();
    file.set(bytes, at < 0 ? file.length + at : at);
    return file;
  };
  for (const [file, message] of [
    [good.subarray(0, -100), /^a: is not a complete Parquet file: it ends with “.*”, allowed is PAR1/],
    [changed(-8, 0xff, 0xff, 0, 0), /its footer is said to take 65535 bytes, and there are/],
    [changed(footerStart, 0xff, 0xff), /its footer is damaged/],
    [changed(4, ...new Array(100).fill(0xff)), /^a: column “(id|A|B)”: is damaged/],
  ] as const)
    test(String(message), () => isRefused(() => read(file, { ...uint8, carry }), message));
});

test('a page whose checksum does not match is refused, though it unpacks', async () => {
  const { file: text, held } = vectors.tables.find(({ what }) => what.startsWith('with checksums'))!;
  const file = Buffer.from(text, 'base64');
  const model = await rowModel(held);
  assert.equal((await read(file, model)).chips[0]!.planes[0]![0], -(2 ** 15));
  file[file.indexOf(new Uint8Array([0x00, 0x80, 0xff, 0xff]))]! ^= 1;
  const message = /^a: column “B”: is damaged: the checksum of a page does not match/;
  await assert.rejects(read(file, model), { name: 'InvalidSceneFile', message });
});

test('maxRecordBytes limits the memory for a group of rows', async () => {
  const file = bytesOf(vectors.tables.find(({ what }) => what === 'several groups of rows')!.file);
  assert.equal((await read(file, uint8, 1000, { maxRecordBytes: 200 })).chips.length, 7);
  await assert.rejects(
    read(file, uint8, 1000, { maxRecordBytes: 20 }),
    new InvalidSceneFile(
      'a: found 3 rows in its group 0, which take 30 bytes, allowed are at most 20 (the parameter maxRecordBytes). Write it with smaller row groups, such as row_group_size=2.',
    ),
  );
  await assert.rejects(
    read(file, uint8, 1000, { maxRecordBytes: 40 }),
    /allowed are at most (40|so many) \(the parameter maxRecordBytes\)/,
  );
});
