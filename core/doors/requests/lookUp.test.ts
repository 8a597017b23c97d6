import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, PROPERTIES } from '../../../test/benches/packages.ts';
import { rowModel } from '../../../test/benches/rowModel.ts';
import { textModel } from '../../../test/benches/textModel.ts';
import { InvalidSceneFile, TransientTrouble } from '../../base/errors.ts';
import type { FeatureRecord, FeatureSource } from '../../features/contract.ts';
import type { ModelPackage } from '../../package/package.ts';
import { parseInput, parseOnlineInput } from './input.ts';
import { makeReadInput } from './inputChip.ts';
import { makeLookUp } from './lookUp.ts';

const NOW = new Date('2026-05-03T12:00:00Z');
const record = (id: string, values: FeatureRecord['values'], more: Partial<FeatureRecord> = {}): FeatureRecord => ({
  ...{ id, time: '2026-05-03T00:00:00.000Z', version: 4, values },
  ...more,
});

/** A source of these records, and the ids that were read at once. */
function sourceOf(records: readonly FeatureRecord[], more: Partial<FeatureSource> = {}) {
  const batches: (readonly string[])[] = [];
  const source: FeatureSource = {
    read: async (_, ids) => {
      batches.push(ids);
      return new Map(records.filter(({ id }) => ids.includes(id)).map((one) => [one.id, one]));
    },
    ...more,
  };
  return { batches, lookUp: makeLookUp(source, () => NOW) };
}

/** The chip of an input after its lookup, or what is wrong with it. */
async function chipOf(model: ModelPackage, found: unknown) {
  const read = makeReadInput(model, 1e6);
  return read(parseInput(found, 'inputs[0]') as never, 'inputs[0]', 0).catch((error: Error) => error.message);
}

describe('inputs that name records', async () => {
  const rows = await rowModel('float32', [`${PROPERTIES}/swath:features`, { group: 'fields', max_age_hours: 24 }]);
  const pairs = await textModel(
    [`${PROPERTIES}/swath:text`, { columns: ['question', 'answer'], max_tokens: 8 }],
    [`${PROPERTIES}/swath:features`, { group: 'documents', pair: 'text' }],
  );

  test('give the chip that the same values give inline, and say which records it was made of', async () => {
    const { lookUp } = sourceOf([record('field 7', { B: 2.5, A: -1, other: 'x', label: 3 })]);
    const [found] = await lookUp([{ id: 'a', features: { id: 'field 7' } }], rows);
    const inline = await chipOf(rows, { id: 'a', values: [-1, 2.5] });
    const features = ['field 7', '2026-05-03T00:00:00.000Z', '4'];
    assert.deepEqual(await chipOf(rows, found), { ...(inline as object), truth: 3, features });
  });

  test('may have numbers as texts, as sources do in which all values are', async () => {
    const { lookUp } = sourceOf([record('a', { A: '-1', b: ' 2.50', label: '3' })]);
    const [found] = await lookUp([{ id: 'a', features: { id: 'a' } }], rows);
    const inline = await chipOf(rows, { id: 'a', values: [-1, 2.5] });
    const features = ['a', '2026-05-03T00:00:00.000Z', '4'];
    assert.deepEqual(await chipOf(rows, found), { ...(inline as object), truth: 3, features });
  });

  test('take so much of a request: what is stored with it stays small, however often a large record is named', async () => {
    const texts = ['a', 'b'].map((id) => record(id, { text: 'x'.repeat(40_000), other: 'y'.repeat(100_000) }));
    const { batches, lookUp } = sourceOf(texts);
    const found = await lookUp(Array(1000).fill({ pair: ['a', 'b'] }), pairs);
    const refused = found.filter((one) => 'refused' in Object(one));
    assert.equal(refused.length, 1000 - Math.floor(2 ** 22 / 80_000));
    assert.match(
      Object(refused[0]).refused,
      /^found \d+ bytes of features for the inputs up to it, allowed are at most 4194304/,
    );
    assert.deepEqual(batches, [['a', 'b']]);
    assert.ok('found' in Object((await lookUp([{ pair: ['a', 'b'] }], pairs))[0]), 'the next request');
  });

  test('are read once each and together, other inputs stay as they are', async () => {
    const { batches, lookUp } = sourceOf(['a', 'b', 'c'].map((id) => record(id, { A: 1, B: 2 })));
    const others = [{ values: [1, 2] }, 'no object'.repeat(1e6), null, { features: {} }, { pair: ['a'] }];
    const named = ['a', 'b', 'a', 'nobody', 'c'].map((id) => ({ features: { id } }));
    const [first, second] = await Promise.all([lookUp([...named, ...others], rows), lookUp(named, rows)]);
    assert.deepEqual(batches, [['a', 'b', 'nobody', 'c']]);
    assert.deepEqual(first.slice(5), others);
    assert.deepEqual(second, first.slice(0, 5));
    await lookUp(named, rows);
    assert.equal(batches.length, 1);
  });

  test('may be pairs, whose texts come from a record each', async () => {
    const { lookUp } = sourceOf([record('a', { text: 'good' }), record('b/2', { text: 'bad bad' }, { version: null })]);
    const [found] = await lookUp([{ pair: ['a', 'b/2'] }], pairs);
    const chip = await chipOf(pairs, found);
    assert.ok(typeof chip === 'object');
    assert.deepEqual(chip.texts, ['good', 'bad bad']);
    const time = '2026-05-03T00:00:00.000Z';
    assert.deepEqual(chip.features, ['a', time, '4', 'b/2', time, null]);
  });

  test('of a model of pairs come in twos', async () => {
    const { lookUp } = sourceOf([record('a', { text: 'good' })]);
    const [found] = await lookUp([{ features: { id: 'a' } }], pairs);
    assert.match(String(await chipOf(pairs, found)), /found one record, but .* takes a pair: \{"pair": \[id, id\]\}$/);
  });

  const wrong: [string, ModelPackage, unknown, readonly FeatureRecord[], string][] = [
    [
      'an unknown id',
      rows,
      { features: { id: 'x' } },
      [],
      'inputs[0].features: found no record “x” in the group fields; put it there, and send another request',
    ],
    [
      'an old record',
      rows,
      { features: { id: 'x' } },
      [record('x', { A: 1, B: 1 }, { time: '2026-05-02T11:59:59.000Z' })],
      'inputs[0].features: found the record “x” of fields as of 2026-05-02T11:59:59.000Z, allowed is one of the last 24 hours (swath:features.max_age_hours)',
    ],
    [
      'a record without a band',
      rows,
      { features: { id: 'x' } },
      [record('x', { A: 1 })],
      'inputs[0].features: found the column “A”, but none called “B”; allowed is a column for each of the 2 bands of droughtwatch-baseline 1.0.0, by its name',
    ],
    [
      'a text for a number',
      rows,
      { features: { id: 'x' } },
      [record('x', { A: 1, B: 'many' })],
      'inputs[0].features: B: found “\\"many\\"”, allowed is a number of float32',
    ],
    [
      'a pair for a model of rows',
      rows,
      { pair: ['a', 'b'] },
      [],
      'inputs[0].features: found a pair, but droughtwatch-baseline 1.0.0 takes one record: {"features": {"id": …}}',
    ],
    [
      'a record without the text',
      pairs,
      { pair: ['a', 'b'] },
      [record('a', { text: 'good' }), record('b', { title: 'bad', body: '' })],
      'inputs[0].features: found no feature text in the record “b” of documents, which has “title, body”',
    ],
    [
      'a model without a group',
      await rowModel('float32'),
      { features: { id: 'x' } },
      [],
      'inputs[0].features: found ids, but droughtwatch-baseline 1.0.0 names no group of features (swath:features)',
    ],
  ];
  for (const [what, model, input, records, says] of wrong)
    test(`are refused with a sentence: ${what}`, async () => {
      const [found] = await sourceOf(records).lookUp([input], model);
      assert.equal(await chipOf(model, found), says);
    });

  test('are refused where there is no source or no such group, and whatever the sender says of having found', async () => {
    const input = { features: { id: 'x' }, found: { values: { A: 1, B: 1 }, records: [] } };
    const [none] = await makeLookUp(undefined, () => NOW)([input], rows);
    assert.match(String(await chipOf(rows, none)), /found ids, but no features are looked up here/);
    const gone = { read: () => Promise.reject(new InvalidSceneFile('found no lake/fields.parquet')) };
    const [missing] = await sourceOf([], gone).lookUp([input], rows);
    assert.equal(await chipOf(rows, missing), 'inputs[0].features: found no lake/fields.parquet');
    assert.match(String(await chipOf(rows, { features: { id: 'x' } })), /looked up for requests by queue and HTTP/);
  });

  test('are of the columns that their model names, although another names others of the group', async () => {
    const asked: unknown[] = [];
    const read: FeatureSource['read'] = async ({ id }, ids) => {
      asked.push([id, ids]);
      return new Map([['x', record('x', { A: id.length, B: 0 })]]);
    };
    const { lookUp } = sourceOf([], { read });
    const of = (id: string) => ({ ...rows, features: { ...rows.features!, id } });
    const input = [{ features: { id: 'x' } }];
    const both = (await Promise.all([lookUp(input, of('field')), lookUp(input, of('farm'))])).flat();
    assert.deepEqual(
      both.map((one) => Object(one).found.values.A),
      [5, 4],
    );
    assert.equal(asked.length, 2);
  });

  test('that are wrong by themselves refuse no others; what the model does not take is not kept', async () => {
    const read: FeatureSource['read'] = async () =>
      new Map<string, FeatureRecord | InvalidSceneFile>([
        ['a', new InvalidSceneFile('found no time')],
        ['b', record('b', { a: 1, B: 2, secret: 'x' })],
      ]);
    const [one, other] = await sourceOf([], { read }).lookUp(
      ['a', 'b'].map((id) => ({ features: { id } })),
      rows,
    );
    assert.equal(await chipOf(rows, one), 'inputs[0].features: found no time');
    assert.deepEqual(Object(other).found.values, { a: 1, B: 2 });
  });

  test('are not taken over HTTP as somebody else has found them', async () => {
    const input = {
      features: { id: 'x' },
      found: { values: { A: 1, B: 2 }, records: [['x', '2026-05-03T00:00:00.000Z', '1']] },
    };
    const read = makeReadInput(rows, 1e6);
    await assert.rejects(
      async () => read(parseOnlineInput(input, 'inputs[0]') as never, 'inputs[0]', 0),
      /found ids, which are looked up/,
    );
    const [own] = await sourceOf([record('x', { A: 1, B: 2 })]).lookUp([input], rows);
    assert.deepEqual((await read(parseOnlineInput(own, 'inputs[0]') as never, 'inputs[0]', 0)).features?.[0], 'x');
  });

  test('wait for a source that is in trouble', async () => {
    const { lookUp } = sourceOf([], { read: () => Promise.reject(new TransientTrouble('throttled')) });
    await assert.rejects(lookUp([{ features: { id: 'x' } }], rows), { message: 'throttled' });
  });
});

describe('swath:features', () => {
  for (const [what, edits, says] of [
    [
      'a model of pictures',
      [[`${PROPERTIES}/swath:features`, { group: 'g' }]],
      /swath:features: .*allowed is a model of rows of numbers, or of texts/,
    ],
    [
      'a group that is no name',
      [[`${PROPERTIES}/swath:features`, { group: 'a/b' }]],
      /swath:features\.group: .*allowed is a name of at most/,
    ],
    ['an unknown member', [[`${PROPERTIES}/swath:features`, { group: 'g', source: 's' }]], /swath:features/],
    [
      'a pair of a model of one text',
      [[`${PROPERTIES}/swath:features`, { group: 'g', pair: 'text' }]],
      /swath:features\.pair: .*allowed is a model of two texts/,
    ],
  ] as const)
    test(`is refused for ${what}`, () =>
      assert.rejects(editedPackage(edits), { name: 'InvalidModelPackage', message: says }));
});
