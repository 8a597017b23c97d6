import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamOf } from '../../test/benches/sceneFiles.ts';
import { streamedRanges } from './streamedRanges.ts';

const file = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

function stream(size: number) {
  const { scene, seen } = streamOf(file, { size });
  return { ...streamedRanges(scene), seen };
}

for (const pieceBytes of [1, 7, 64, 1000])
  test(`ascending ranges come from the stream, in chunks of ${pieceBytes}, without requests`, async () => {
    const { range, goTo, seen } = stream(pieceBytes);
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
    assert.deepEqual([seen.requests, seen.streamed], [[], file.length]);
  });

test('a range that the stream has passed is requested separately, and the stream continues where it was', async () => {
  const { range, goTo, seen } = stream(64);
  await range(500, 100);
  assert.deepEqual([...(await range(20, 30))], [...file.subarray(20, 50)]);
  assert.deepEqual([...(await range(600, 64))], [...file.subarray(600, 664)]);
  assert.deepEqual(seen.requests, [[20, 30]]);
  await goTo(file.length);
  assert.equal(seen.streamed, file.length);
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
  const { goTo, seen } = stream(64);
  await goTo(65);
  assert.equal(seen.streamed, 128);
  await goTo(10);
  assert.equal(seen.streamed, 128);
  await goTo(file.length);
  assert.equal(seen.streamed, file.length);
});
