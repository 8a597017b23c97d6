import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Edit,
  editedItem,
  editedPackage,
  INPUT,
  isRefusedPackage,
  OUTPUT,
  PROPERTIES,
  readBaselineFile,
} from '../../test/benches/packages.ts';
import { columnName } from '../base/names.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { OWN_KEYS, parseItem } from './item.ts';
import { nameNotes, notesOn, orderNotes, warningsOn } from './notes.ts';
import { pixelLayout } from './outputLayout.ts';

const CHIP = { height: 8, width: 8 };
const MAP = { shape: [-1, 8, 8], dim_order: ['batch', 'height', 'width'] };

/** The notes on a package that works; what the command says of them is tested with it. */

const model = await readModelPackage(readBaselineFile);
const reference = JSON.parse(new TextDecoder().decode(await readBaselineFile('reference.json')));

test('the bundled package gets no notes', async () => {
  assert.deepEqual(notesOn({ item: await editedItem(), reference, hasCard: true }, model), []);
});

for (const [release, isNoted] of [
  ['1.4.0', true],
  ['1.5.1', false],
  ['1.6.0', true],
] as const)
  test(`an item of MLM ${release} is read, and gets ${isNoted ? 'a' : 'no'} note on it`, async () => {
    const address = `https://stac-extensions.github.io/mlm/v${release}/schema.json`;
    const edits: Edit[] = [['stac_extensions', [address]]];
    const note = `item.json: ${address} is read as MLM 1.5, and fields that this does not have are ignored`;
    const notes = notesOn({ item: await editedItem(...edits), reference, hasCard: true }, await editedPackage(edits));
    assert.deepEqual(notes, isNoted ? [note] : []);
  });

for (const [classes, calibration, says] of [
  [{ a: 30, b: 0 }, undefined, /^reference\.json: counts "a" only/],
  [{ a: 1, b: 1 }, { chips: 100, right: 30 }, /^reference\.json: calibration has no meanProbability/],
  [{ a: 1, b: 1 }, { chips: 100, right: 90, meanProbability: 0.93 }, null],
] as const)
  test(`notes on a reference of ${JSON.stringify(calibration)}: ${says === null ? 'none' : 'one'}`, () => {
    const notes = warningsOn({ classes, calibration });
    assert.equal(notes.length, says === null ? 0 : 1);
    if (says !== null) assert.match(notes[0]!, says);
  });

test('a provisional reference gets a note, which is told when it is published or promoted as well', async () => {
  const provisional = { provisional: true };
  const [note, ...others] = notesOn({ item: await editedItem(), reference: provisional, hasCard: true }, model);
  assert.match(note!, /^reference\.json: is provisional, .*"npx swath model profile FOLDER --data FILE"/);
  assert.deepEqual(others, []);
  assert.deepEqual(warningsOn(provisional), [note]);
});

test('a package without classes gets no note about counts', async () => {
  const histogram = { bins: { edges: [0, 1, 2], counts: [1, 2] } };
  const files = { item: await editedItem(), reference: histogram, hasCard: true };
  assert.deepEqual(notesOn(files, { ...model, classes: [] }), []);
});

test('a reference with all of its values in one bin gets a note', () => {
  const [note, ...others] = warningsOn({ bins: { edges: [0, 1, 2], counts: [0, 7] } });
  assert.match(
    note!,
    /^reference\.json: counts bin "1" only; a model that predicts the same of each chip never drifts/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(warningsOn({ bins: { edges: [0, 1, 2], counts: [0, 7], above: 1 } }), []);
});

test('classes get a note that are of no data, or are called as the value of another', async () => {
  const classes = [
    { value: 0, name: 'cows-0', nodata: true },
    { value: 1, name: '2' },
    { value: 2, name: '1' },
  ];
  const files = {
    item: await editedItem([`${OUTPUT}/classification:classes`, classes]),
    reference: { classes: { 'cows-0': 1, 2: 1, 1: 1 } },
    hasCard: true,
  };
  assert.deepEqual(notesOn(files, { ...model, classes }), [
    'item.json: the class "2" is called as the value of another one, so that a truth 2 means that one; a class called by a number had best have it as its value',
    'item.json: the class "cows-0" has "nodata", which is not read; known are value, name, color_hint',
  ]);
});

for (const [names, shown] of [
  [['水', 'أرض', 'עברית class'], '"水" as class-0, "أرض" as class-1, "עברית class" as class'],
  [['🌊', 'Ødemark'], '"🌊" as class-0, "Ødemark" as demark'],
  [['水 water', 'Wald'], '"水 water" as water'],
  [['Ünï-cödé', 'Forêt (dense)', 'cows 3+'], null],
] as const)
  test(`of the classes ${names}, ${shown === null ? 'none gets' : 'those that lose letters get'} a note on how they are shown`, () => {
    const classes = names.map((title, value) => ({ value, name: columnName(title) || `class-${value}`, title }));
    const [note, ...others] = nameNotes({ classes });
    assert.equal(note?.match(/ show the class (.*), as only Latin letters are kept; /)?.[1] ?? null, shown);
    assert.deepEqual(others, []);
  });

test('every known swath key is read by the schema', async () => {
  for (const key of OWN_KEYS) {
    const item = await editedItem([`${PROPERTIES}/${key}`, { no: 'such value' }]);
    assert.throws(() => parseItem(item), { message: new RegExp(`properties\\.${key}`) });
  }
});

const UNSCALED =
  "item.json: properties.mlm:input[0] has no value_scaling, so the model gets the file's own values; null says that this is meant";
const BAND = `${PROPERTIES}/bands` as const;
const VALUES = `${INPUT}/value_scaling` as const;
const asFloats = [1, 2, 3, 4].map((band): Edit => [`${BAND}/${band}/data_type`, 'float32']);
const SCALINGS: { of: string; edits: Edit[]; notes: string[] }[] = [
  { of: 'integers without value_scaling', edits: [[VALUES, undefined]], notes: [UNSCALED] },
  { of: 'integers with a value_scaling of null', edits: [[VALUES, null]], notes: [] },
  { of: 'floats without value_scaling', edits: [[VALUES, undefined], ...asFloats], notes: [] },
  {
    of: 'integers for a model that takes integers',
    edits: [
      [VALUES, undefined],
      [`${INPUT}/input/data_type`, 'uint8'],
    ],
    notes: [],
  },
  {
    of: 'a band that is an object with its name',
    edits: [
      [VALUES, undefined],
      [`${INPUT}/bands/0`, { name: 'B2' }],
    ],
    notes: [UNSCALED],
  },
  {
    of: 'derived bands alone',
    edits: [
      [VALUES, undefined],
      ...[2, 3, 4, 5].map(
        (band, i): Edit => [
          `${INPUT}/bands/${i}`,
          { name: `B${band}`, format: 'rio-calc', expression: `B${band} / 255` },
        ],
      ),
    ],
    notes: [],
  },
];
for (const { of, edits, notes } of SCALINGS)
  test(`notes on the scaling of ${of}: ${notes.length === 0 ? 'none' : 'one'}`, async () => {
    const edited = await editedPackage(edits);
    assert.deepEqual(notesOn({ item: await editedItem(...edits), reference, hasCard: true }, edited), notes);
  });

test('an unknown MLM field gets a note where it could change a result; a field of another extension does not', async () => {
  const item = await editedItem(
    [`${INPUT}/norm_by_channel`, true],
    [`${INPUT}/vendor:sensor`, 'OLI'],
    [`${OUTPUT}/postprocessing_function`, null],
  );
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), [
    'item.json: properties.mlm:input[0] has "norm_by_channel", which is not read; known are name, description, bands, variables, input, value_scaling, resize_type, pre_processing_function',
    'item.json: properties.mlm:output[0] has "postprocessing_function", which is not read; known are name, description, bands, variables, tasks, result, classification:classes, post_processing_function',
  ]);
});

test('a member gets a note that the type of its scaling does not have, as it is not read', async () => {
  const item = await editedItem([VALUES, [{ type: 'min-max', minimum: 0, maximum: 255, clip: true }]]);
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), [
    'item.json: properties.mlm:input[0].value_scaling[0] has "clip", which is not read; known are type, minimum, maximum',
  ]);
});

for (const [values, channels, dataType, isNoted] of [
  [[2, 0, 1], null, 'float32', true],
  [[1, 0], null, 'float32', true],
  [[2, 0, 1], 3, 'float32', true],
  [[1, 0], 1, 'float32', true],
  [[2, 0, 1], 1, 'float32', false],
  [[1, 0], 1, 'int64', false],
  [[0, 1, 2], null, 'float32', false],
  [[30, 10, 20], null, 'float32', false],
] as const)
  test(`classes listed with the values ${values} get ${isNoted ? 'a' : 'no'} note on their order, of ${channels ?? 'no'} numbers a pixel of ${dataType}`, () => {
    const pixels = channels && { ...pixelLayout(MAP, CHIP)!, channels };
    const output = { ...model.output, dataType, pixels };
    const notes = orderNotes({ classes: values.map((value) => ({ value, name: `class-${value}` })), output });
    const note = `item.json: the classes are listed with the values ${values.join(', ')}, and the graph's first number is taken for the first one listed, "class-${values[0]}"; if a value is the number's place in the graph's output, list the classes by their values`;
    assert.deepEqual(notes, isNoted ? [note] : []);
  });

test('an accelerator of an asset gets a note, as that of the properties is read', async () => {
  const item = await editedItem(['assets/model/mlm:accelerator', 'cuda']);
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), [
    'item.json: "mlm:accelerator" stands elsewhere than in properties, where it is not read',
  ]);
});

test('a further output gets a note, as it is not read', async () => {
  const item = await editedItem(['properties/mlm:output/1', { name: 'features' }]);
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), [
    'item.json: properties.mlm:output[1] is not read: only the first one is',
  ]);
});

for (const [tasks, note] of [
  [['object-detection'], 'item.json: the task object-detection is unknown, so the model is taken for a classification'],
  [['object-detection', 'classification'], undefined],
  [[], undefined],
] as const)
  test(`a model of the tasks ${JSON.stringify(tasks)} gets ${note ? 'a note' : 'no note'}`, async () => {
    const edits: Edit[] = [
      [`${OUTPUT}/tasks`, tasks],
      [`${PROPERTIES}/mlm:tasks`, tasks],
    ];
    const files = { item: await editedItem(...edits), reference, hasCard: true };
    assert.deepEqual(notesOn(files, await editedPackage(edits)), note ? [note] : []);
  });

test('a regression of several values a pixel gets a note, as a chip has their mean', async () => {
  for (const channels of [1, 3]) {
    const result = { shape: [-1, channels, 65, 65], dim_order: ['batch', 'channel', 'height', 'width'] };
    const edits: Edit[] = [
      [`${OUTPUT}/tasks`, ['regression']],
      [`${OUTPUT}/classification:classes`, []],
      [`${OUTPUT}/result`, { ...result, data_type: 'float32' }],
    ];
    const bins = { edges: [0, 1, 2], counts: [1, 2] };
    const edited = await editedPackage(edits, { bins });
    const notes = notesOn({ item: await editedItem(...edits), reference: { bins }, hasCard: true }, edited);
    const note =
      "item.json: properties.mlm:output[0] has 3 values for each pixel; a chip's row and drift have the mean of them all";
    assert.deepEqual(notes, channels === 1 ? [] : [note]);
  }
});

for (const { of, edits = [], classes } of [
  { of: '', classes: ['0 background', '1 field'] },
  { of: ' with a sigmoid', edits: [after('sigmoid, threshold(0.3)')], classes: ['0 background', '1 field'] },
  { of: ' of integers', edits: [[`${OUTPUT}/result/data_type`, 'uint8']], classes: ['1 field'] },
  { of: ' with a softmax', edits: [after('softmax')], classes: null },
  { of: ' of the value 0', edits: [[`${OUTPUT}/classification:classes/0/value`, 0]], classes: null },
  { of: ' called Background', edits: [[`${OUTPUT}/classification:classes/0/name`, 'Background']], classes: null },
] satisfies { of: string; edits?: Edit[]; classes: string[] | null }[])
  test(`an item of masks that lists one class${of} ${classes === null ? 'is refused' : `has ${classes.join(' and ')}`}`, async () => {
    const mask: Edit[] = [
      [`${PROPERTIES}/mlm:tasks`, ['semantic-segmentation']],
      [`${OUTPUT}/tasks`, []],
      [`${OUTPUT}/result/shape`, [-1, 1, 65, 65]],
      [`${OUTPUT}/result/dim_order`, ['batch', 'class', 'height', 'width']],
      [`${OUTPUT}/classification:classes`, [{ value: 1, name: 'field' }]],
      ...edits,
    ];
    const counts = { classes: { field: 30 }, chips: 30 };
    const reading = editedPackage(mask, counts);
    if (classes === null) return isRefusedPackage(reading, 'and 1 classes', '{"value": 0, "name": "background"}');
    const read = await reading;
    assert.deepEqual(
      read.classes.map(({ value, name }) => `${value} ${name}`),
      classes,
    );
    const notes = notesOn({ item: await editedItem(...mask), reference: counts, hasCard: true }, read);
    assert.equal(/so all other pixels are "background", of the value 0/.test(notes.join()), classes.length > 1);
  });

function after(expression: string): Edit {
  return [`${OUTPUT}/post_processing_function`, { format: 'swath', expression }];
}

test('an item without a version gets a note, and counts by class title are accepted', async () => {
  const edits: Edit[] = [
    [`${PROPERTIES}/version`, undefined],
    [`${OUTPUT}/classification:classes/0/name`, 'No cows'],
  ];
  const counts = { 'No cows': 1, 'cows-1': 1, 'cows-2': 1, 'cows-3plus': 1 };
  const edited = await editedPackage(edits, { classes: counts });
  const files = { item: await editedItem(...edits), reference: { classes: counts }, hasCard: true };
  assert.deepEqual(notesOn(files, edited), [
    'item.json: properties has no "version", so it is version 0; a changed package needs another one',
  ]);
});

test('a package that has value_scaling as one object, or with a null, gets the same notes as with a list', async () => {
  for (const scaling of [
    { type: 'scale', value: 1, unit: 'm' },
    [null, null, null, { type: 'scale', value: 1, unit: 'm' }],
  ]) {
    const item = await editedItem([`${INPUT}/value_scaling`, scaling]);
    assert.match(
      notesOn({ item, reference, hasCard: true }, model).join(),
      /value_scaling\[\d\] has "unit", which is not read/,
    );
  }
});

test('a very deeply nested item is checked without an error', async () => {
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
  const item = await editedItem([`${PROPERTIES}/deep`, deep]);
  assert.deepEqual(notesOn({ item, reference, hasCard: true }, model), []);
});
