import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PROPERTIES } from '../../test/benches/packages.ts';
import { textModel } from '../../test/benches/textModel.ts';
import { makeTextChip } from '../scenes/table/textChip.ts';
import { makeBatches } from './batch.ts';
import { byLength, makeFeed } from './feed.ts';

const PAIR = [`${PROPERTIES}/swath:text`, { columns: ['a', 'b'], max_tokens: 8 }] as const;

async function fed(texts: readonly (readonly string[])[], model: Awaited<ReturnType<typeof textModel>>) {
  const chip = await makeTextChip(model);
  const tensors = makeFeed(model)(makeBatches(model).of(texts.map((one) => chip!(one))), 0, texts.length);
  return Object.fromEntries(
    [...tensors].map(([name, { dims, data, type }]) => [name, [type, dims, Array.from(data as BigInt64Array, Number)]]),
  );
}

test('texts of a part are classified by their lengths, and their predictions are in the order in which they came', async () => {
  const model = await textModel();
  const chip = await makeTextChip(model);
  const texts = ['a good day good', 'bad', 'good', 'a bad day', 'good', 'day day day day day'];
  const part = makeBatches(model).of(texts.map((text) => chip!([text])));
  const { sorted, restored } = byLength(model, part);
  const feed = makeFeed(model);
  const lengths = [0, 2, 4].map((first) => feed(sorted, first, 2).get('input_ids')!.dims[1]);
  assert.deepEqual(lengths, [3, 5, 7]);
  const firstWords = Array.from({ length: texts.length }, (_, i) => Number(sorted.bands[0]!.values[i * 8 + 1]));
  assert.deepEqual(firstWords, [5, 4, 4, 7, 7, 6]);
  assert.deepEqual(restored({ word: firstWords }), { word: [7, 5, 4, 7, 4, 6] });
});

describe('tokens of texts are fed', () => {
  test('to the inputs that the package names, each batch as long as its longest text', async () => {
    assert.deepEqual(await fed([['a good day'], ['bad']], await textModel()), {
      input_ids: ['int64', [2, 5], [2, 7, 4, 6, 3, 2, 5, 3, 0, 0]],
      attention_mask: ['int64', [2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]],
      token_type_ids: ['int64', [2, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    });
  });

  test('of pairs with the type of each', async () => {
    const { token_type_ids: types } = await fed([['good day', 'bad']], await textModel(PAIR));
    assert.deepEqual(types, ['int64', [1, 6], [0, 0, 0, 0, 1, 1]]);
  });

  test('cut to the tokens that the model takes', async () => {
    const { input_ids: ids } = await fed([['day '.repeat(100)]], await textModel());
    assert.deepEqual(ids, ['int64', [1, 8], [2, 6, 6, 6, 6, 6, 6, 3]]);
  });

  test('as long as the graph takes them, if that is fixed', async () => {
    const fixed = ['input_ids', 'attention_mask'].map((name) => ({
      name,
      bands: [],
      input: { shape: [-1, 6], dim_order: ['batch', 'token'], data_type: 'int32' },
    }));
    const model = await textModel([`${PROPERTIES}/mlm:input`, fixed], [`${PROPERTIES}/swath:text`, undefined]);
    assert.deepEqual(await fed([['good']], model), {
      input_ids: ['int32', [1, 6], [2, 4, 3, 0, 0, 0]],
      attention_mask: ['int32', [1, 6], [1, 1, 1, 0, 0, 0]],
    });
  });
});
