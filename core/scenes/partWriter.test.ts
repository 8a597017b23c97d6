import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSmallModel } from '../../test/benches/scenes.ts';
import type { Chip } from '../package/package.ts';
import { makePartBuilder, makePartWriter } from './partBuilder.ts';
import { decodePart } from './preparedPart.ts';

const model = await readSmallModel();

const writerOf = (chips: number, write: Parameters<typeof makePartWriter>[1]) =>
  makePartWriter(makePartBuilder(model, chips), write);

/** Writes that end when the test says so. */
function slowWrites() {
  const begun: { indexes: number[]; end: PromiseWithResolvers<void> }[] = [];
  const write = async (bytes: Uint8Array) => {
    const end = Promise.withResolvers<void>();
    begun.push({ indexes: [...decodePart(bytes).index], end });
    await end.promise;
    assert.deepEqual([...decodePart(bytes).index], begun.at(-1)!.indexes, 'what is being written is not written over');
  };
  return { begun, write };
}

describe('parts', () => {
  test('are filled while the previous one is written, and only one is written at a time', async () => {
    const { begun, write } = slowWrites();
    const part = writerOf(2, write);
    assert.equal(add(part, 0), undefined);
    await add(part, 1);
    assert.deepEqual(indexesOf(begun), [[0, 1]]);
    assert.equal(add(part, 2), undefined);
    const third = add(part, 3);
    await turn();
    assert.deepEqual(indexesOf(begun), [[0, 1]], 'the second waits for the first');
    begun[0]!.end.resolve();
    await third;
    add(part, 4);
    assert.deepEqual(indexesOf(begun)[1], [2, 3]);
    const finished = part.finish();
    begun[1]!.end.resolve();
    await turn();
    assert.deepEqual(indexesOf(begun).at(-1), [4], 'what is left');
    begun[2]!.end.resolve();
    await finished;
    await part.close();
    assert.equal(begun.length, 3);
  });

  test('report a failed write before the next write, or at the end', async () => {
    for (const more of [0, 2]) {
      const trouble = new Error('no room');
      let writes = 0;
      const part = writerOf(2, async () => {
        writes += 1;
        throw trouble;
      });
      for (const index of [0, 1]) await add(part, index);
      const rest = async () => {
        for (let i = 0; i < more; i += 1) await add(part, 2 + i);
        await part.finish();
      };
      await assert.rejects(rest(), trouble);
      await part.close();
      assert.equal(writes, 1);
    }
  });

  test('are still waited for on close if they are being written', async () => {
    const { begun, write } = slowWrites();
    const part = writerOf(1, write);
    await add(part, 0);
    let isClosed = false;
    const closed = part.close().then(() => {
      isClosed = true;
    });
    await turn();
    assert.equal(isClosed, false);
    begun[0]!.end.reject(new Error('no room'));
    await closed;
  });
});

function add(part: ReturnType<typeof makePartWriter>, index: number) {
  return part.add(chip(index));
}

function chip(index: number): Chip {
  const planes = [0, 1].map(() => new Uint8Array(4).fill(index));
  return { place: { index, kind: 'bytes', offset: 0, length: 1 }, planes, truth: 1 };
}

const indexesOf = (begun: readonly { indexes: number[] }[]) => begun.map(({ indexes }) => indexes);
const turn = () => new Promise((resolve) => setImmediate(resolve));
