import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedItem, PROPERTIES, readBaselineFile } from '../../test/benches/packages.ts';
import { parseItem } from './item.ts';
import { notesOn, OWN_KEYS } from './notes.ts';
import { readModelPackage } from './readPackage.ts';

/** The notes on a package that works; what the command says of them is tested with it. */

const model = await readModelPackage(readBaselineFile);
const reference = JSON.parse(new TextDecoder().decode(await readBaselineFile('reference.json')));

test('there is none on the bundled package', async () => {
  assert.deepEqual(notesOn({ item: await editedItem(), reference, hasCard: true }, model), []);
});

test('a package without classes lacks no count', async () => {
  const histogram = { bins: { edges: [0, 1], counts: [1] } };
  const files = { item: await editedItem(), reference: histogram, hasCard: true };
  assert.deepEqual(notesOn(files, { classes: [] }), []);
});

test('the keys that are known are those that the schema reads', async () => {
  for (const key of OWN_KEYS) {
    const item = await editedItem([[...PROPERTIES, key], { no: 'such value' }]);
    assert.throws(() => parseItem(item), { message: new RegExp(`properties\\.${key}`) });
  }
});

test('an item that is nested as deep as it is long is looked through', async () => {
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
  const item = await editedItem([[...PROPERTIES, 'deep'], deep]);
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), []);
});
