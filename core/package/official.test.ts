import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Edit, INPUT, OUTPUT } from '../../test/benches/packages.ts';
import { InvalidModelPackage } from '../base/errors.ts';
import { TASKS } from '../tasks/registry.ts';
import { interpretItem } from './interpret.ts';
import { parseItem } from './item.ts';

/**
 * The nine examples of MLM 1.5.2 (fixtures/mlm): why each is refused as it is, and what comes of it once that is written which
 * the refusal asks for.
 */

const FIXTURES = new URL('fixtures/mlm/', import.meta.url);

const PYTHON = 'properties.mlm:input[0].pre_processing_function: found {"format":"python",';
const MISSPELT =
  'properties.mlm:output[0].classification_classes: found … allowed is nothing: MLM calls it "classification:classes"';
const NO_CODE: Edit = [`${INPUT}/pre_processing_function`, null];
const weightsHere = (asset = 'weights'): Edit => [`assets/${asset}/href`, './model.onnx'];
const SENTINEL = 'B01 B02 B03 B04 B05 B06 B07 B08 B8A B09 B10 B11 B12';
const bandsOfType = (names: string, type: string) =>
  names
    .split(' ')
    .map((name) => `${name}:${type}`)
    .join(' ');

/** Why it is refused, each with … for what lies between; what is edited then; and the bands that are read, or what is still wrong. */
type Verdict = { says: string[]; edits: Edit[]; bands: string } | { says: string[]; edits: Edit[]; still: string[] };

const VERDICTS: Record<string, Verdict> = {
  'item_bands_expression.json': {
    says: [MISSPELT],
    edits: [weightsHere()],
    bands: bandsOfType('B02 B03 B04 B08', 'float32'),
  },
  'item_basic.json': {
    says: [MISSPELT],
    edits: [
      weightsHere('model'),
      [`${OUTPUT}/result`, { shape: [-1, 2], dim_order: ['batch', 'class'], data_type: 'float32' }],
    ],
    bands: bandsOfType('b0 b1 b2', 'float32'),
  },
  'item_datacube_variables.json': {
    says: [
      'properties.mlm:input[0].pre_processing_function: found {"description":… allowed is null: code is not run. What it does is said by value_scaling',
    ],
    edits: [NO_CODE, weightsHere()],
    still: [
      'properties.mlm:input[0].input.dim_order: found ["time","variables","lat","lon"], allowed is "batch" first',
    ],
  },
  'item_eo_and_raster_bands.json': {
    says: [PYTHON, MISSPELT],
    edits: [NO_CODE, weightsHere()],
    bands: bandsOfType(SENTINEL, 'uint16'),
  },
  'item_eo_bands.json': {
    says: [PYTHON, MISSPELT],
    edits: [NO_CODE, weightsHere()],
    bands: bandsOfType(SENTINEL, 'float32'),
  },
  'item_eo_bands_summarized.json': {
    says: [PYTHON, MISSPELT],
    edits: [NO_CODE, weightsHere()],
    bands: bandsOfType(SENTINEL, 'float32'),
  },
  'item_multi_io.json': {
    says: [
      'properties.mlm:input[1].pre_processing_function: found {"format":"gdal-calc",… allowed is null, and the expression where its result is one of bands',
      MISSPELT,
    ],
    edits: [
      ['properties/mlm:input/1/pre_processing_function', null],
      [
        'properties/mlm:input/1/bands',
        [{ name: 'NDVI', format: 'gdal-calc', expression: '(B08 - B04) / (B08 + B04)' }],
      ],
    ],
    still: [
      'assets.weights.href: found "https://… allowed is a file inside the package, like "./model.onnx"',
      'properties.mlm:input[0].bands[0]: found "B04", allowed is one of assets.weights.raster:bands (B02 - blue, B03 - green,',
      'properties.mlm:input[2].bands: found [], allowed is the bands that it takes, since there are other inputs',
      'properties.mlm:input[2].input.dim_order: found ["batch","h","y","x"], allowed is "batch" first, then "bands"',
    ],
  },
  'item_pytorch_geo_unet.json': {
    says: [
      'properties.mlm:input[0].bands: found ["B4","B3","B2","B8"], allowed is each band once: of several dates',
      'assets.model.href: found "https://… allowed is a file inside the package, like "./model.onnx"',
    ],
    edits: [
      weightsHere('model'),
      [`${INPUT}/bands`, ['B4_1', 'B3_1', 'B2_1', 'B8_1', 'B4_2', 'B3_2', 'B2_2', 'B8_2']],
      [
        'assets/model/eo:bands',
        ['B4_1', 'B3_1', 'B2_1', 'B8_1', 'B4_2', 'B3_2', 'B2_2', 'B8_2'].map((name) => ({ name })),
      ],
    ],
    still: [
      'properties.mlm:output[0].result.dim_order: found ["batch","classes"], allowed is "batch", then "height", "width"',
    ],
  },
  'item_raster_bands.json': {
    says: [PYTHON, MISSPELT],
    edits: [NO_CODE, weightsHere()],
    bands: bandsOfType(SENTINEL, 'uint16'),
  },
};

test('there is a verdict on each official example', () => {
  const files = readdirSync(FIXTURES).filter((file) => file.endsWith('.json'));
  assert.deepEqual(Object.keys(VERDICTS).sort(), files.sort());
});

for (const [file, verdict] of Object.entries(VERDICTS)) {
  test(`${file} is refused unchanged, with the correction in the error`, () => {
    const problems = problemsOf(readExample(file));
    for (const says of verdict.says) assert.ok(isSaid(problems, says), `${says}\n${problems.join('\n')}`);
  });

  test(`${file} is ${'bands' in verdict ? 'read' : 'refused for what else is not done'} after the correction`, () => {
    const item = edited(readExample(file), verdict.edits);
    if ('bands' in verdict) assert.equal(bandsRead(item), verdict.bands);
    else {
      const problems = problemsOf(item);
      for (const says of verdict.still) assert.ok(isSaid(problems, says), `${says}\n${problems.join('\n')}`);
    }
  });
}

test('class titles are kept for display, and made safe for columns and keys', () => {
  const item = edited(readExample('item_raster_bands.json'), [NO_CODE, weightsHere()]);
  const [first, second, , , fifth] = interpretItem(parseItem(item), TASKS).classes;
  assert.deepEqual(first, { value: 0, name: 'Annual-Crop', title: 'Annual Crop' });
  assert.deepEqual(second, { value: 1, name: 'Forest' });
  assert.deepEqual(fifth?.title, 'Industrial Buildings');
});

type Json = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: JSON of which the paths are known
type AnyJson = any;

function readExample(file: string): Json {
  return JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8'));
}

/** The item with `classification_classes` under the name that MLM has for it, and the other edits. */
function edited(item: Json, edits: readonly Edit[]): Json {
  const copy = structuredClone(item) as AnyJson;
  for (const output of copy.properties['mlm:output'] as AnyJson[]) {
    output['classification:classes'] ??= output.classification_classes ?? [];
    delete output.classification_classes;
  }
  for (const [path, value] of edits) {
    const keys = path.split('/');
    const parent = keys.slice(0, -1).reduce((node, key) => node[key], copy);
    parent[keys.at(-1)!] = value;
  }
  return copy;
}

function bandsRead(item: Json): string {
  const { bands } = interpretItem(parseItem(item), TASKS).source;
  return bands.map(({ name, dataType }) => `${name}:${dataType}`).join(' ');
}

function problemsOf(item: Json): readonly string[] {
  try {
    interpretItem(parseItem(item), TASKS);
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidModelPackage, String(error));
    return error.problems ?? [];
  }
}

function isSaid(problems: readonly string[], says: string): boolean {
  const pieces = says.split('…');
  return problems.some((problem) => pieces.every((piece) => problem.includes(piece)));
}
