import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamedRanges } from './streamedRanges.ts';

const file = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

function stream(pieceBytes: number) {
  const asked: [offset: number, length: number][] = [];
  let streamed = 0;
  const buffer = new Uint8Array(pieceBytes);
  const chunks = (async function* () {
    for (let at = 0; at < file.length; at += pieceBytes) {
      const piece = file.subarray(at, at + pieceBytes);
      buffer.fill(255).set(piece); // a chunk is valid until the next
      streamed += piece.length;
      yield buffer.subarray(0, piece.length);
    }
  })();
  const range = async (offset: number, length: number) => {
    asked.push([offset, length]);
    return file.subarray(offset, offset + length);
  };
  const of = streamedRanges({ size: file.length, chunks, range });
  return { ...of, asked, streamed: () => streamed };
}

for (const pieceBytes of [1, 7, 64, 1000])
  test(`ascending ranges come from the stream, in chunks of ${pieceBytes}, without requests`, async () => {
    const { range, goTo, asked, streamed } = stream(pieceBytes);
    for (const [offset, length] of [
      [0, 10],
      [10, 100],
      [150, 1],
      [151, 349],
      [990, 10],
      [1000, 5],
    ] as const)
      assert.deepEqual([...(await range(offset, length))], [...file.subarray(offset, offset + length)]);
    await goTo(file.length);
    assert.deepEqual([asked, streamed()], [[], file.length]);
  });

test('a range that the stream has passed is requested separately, and the stream continues where it was', async () => {
  const { range, goTo, asked, streamed } = stream(64);
  await range(500, 100);
  assert.deepEqual([...(await range(20, 30))], [...file.subarray(20, 50)]);
  assert.deepEqual([...(await range(600, 64))], [...file.subarray(600, 664)]);
  assert.deepEqual(asked, [[20, 30]]);
  await goTo(file.length);
  assert.equal(streamed(), file.length);
});

test('a range ends with the file', async () => {
  const { range } = stream(64);
  assert.deepEqual([...(await range(980, 100))], [...file.subarray(980)]);
});

test('the bytes of a range do not change when the stream continues', async () => {
  const { range, goTo } = stream(64);
  const first = await range(0, 64);
  await goTo(file.length);
  assert.deepEqual([...first], [...file.subarray(0, 64)]);
});

test('the stream can go on to a byte, and no piece further', async () => {
  const { goTo, streamed } = stream(64);
  await goTo(65);
  assert.equal(streamed(), 128);
  await goTo(10);
  assert.equal(streamed(), 128);
  await goTo(file.length);
  assert.equal(streamed(), file.length);
});
