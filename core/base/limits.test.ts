import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { encode } from 'fast-png';
import { recordOf } from '../../cli/features/readFeatureFile.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { encodeTar } from '../../test/archives.ts';
import {
  type Edit,
  editedItem,
  editedPackage,
  INPUT,
  OUTPUT,
  PROPERTIES,
  readBaselineFile,
  readFrom,
  smallModel,
} from '../../test/benches/packages.ts';
import { makeBench } from '../../test/benches/preprocess.ts';
import { readSmallModel } from '../../test/benches/scenes.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { openImage } from '../../test/images.ts';
import { sized } from '../../test/tfrecord.ts';
import { type Fields, makeTiff, openBytes } from '../../test/tiff.ts';
import { parseExpression } from '../arrays/expression.ts';
import { jsonBody } from '../doors/online/bodyInputs.ts';
import { jsonParts } from '../doors/online/jsonParts.ts';
import { assertMasksFit } from '../doors/online/mask.ts';
import { parseInput } from '../doors/requests/input.ts';
import { parseRequest } from '../doors/requests/request.ts';
import { readTableOfTruths } from '../doors/truth/tableOfTruths.ts';
import { readArtifact } from '../inference/artifact.ts';
import { checkOnnxFile } from '../inference/onnx/onnxFile.ts';
import { makeLedger } from '../ledger/ledger.ts';
import { parseArea } from '../package/areaOfInterest.ts';
import { chipsPerPart } from '../package/bands.ts';
import { readCovers } from '../package/landCover.ts';
import type { ModelPackage } from '../package/package.ts';
import { readText } from '../package/text/readText.ts';
import type { TextInputs } from '../package/text/textFacts.ts';
import { encodeServing } from '../releases/serving.ts';
import { carriedText } from '../scenes/carriedText.ts';
import { openHdf5 } from '../scenes/cubes/hdf5.ts';
import { memberName } from '../scenes/formats/archive/memberName.ts';
import { rowsIn } from '../scenes/formats/csv/rows.ts';
import { FORMATS } from '../scenes/formats/formats.ts';
import { makeTileParts } from '../scenes/formats/jpeg2000/jpeg2000.ts';
import { readFooter } from '../scenes/formats/parquet/footer.ts';
import { textOf } from '../scenes/formats/product/archived.ts';
import { membersOf, tar } from '../scenes/formats/tar/format.ts';
import { parseExample } from '../scenes/formats/tfrecord/example.ts';
import { zip } from '../scenes/formats/zip/format.ts';
import images from '../scenes/image/image.vectors.json' with { type: 'json' };
import { imageChip } from '../scenes/image/imageChip.ts';
import { inOneChunk, rangesIn } from '../scenes/rangesIn.ts';
import { maskBySibling, placeBySiblings } from '../scenes/raster/siblings/siblings.ts';
import { matchColumns } from '../scenes/table/columns.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { attempt, InvalidMessage, InvalidModelPackage, InvalidSceneFile, ObjectTooLarge, onError } from './errors.ts';
import * as limits from './limits.ts';
import { sceneRefSchema } from './messages.ts';

/** Each limit, exactly reached and passed by one; and docs/limits.md, which lists them. */

const { SCENE_LIMITS, MOST_SCENE_LIMITS, ...fixed } = limits;
const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
const SCL = new URL('../../models/s2-scl/1.0.0/', import.meta.url);
const scl = await readModelPackage(async (name) => readFileSync(new URL(name, SCL)));
const ofOnePixel = { ...scl, output: { ...scl.output, pixels: { ...scl.output.pixels!, height: 1, width: 1 } } };
/** The page's rows, by the name in their first column. */
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, rest]) => [name!, rest!.split(' | ')] as const),
);
const numberOf = (cell = '') => Number(/^[\d,]+/.exec(cell)?.[0].replaceAll(',', ''));

test('docs/limits.md has a row for each limit, with its value, and no other rows', () => {
  const values = Object.fromEntries([...rows].map(([name, [value]]) => [name, numberOf(value)]));
  assert.deepEqual(values, { ...SCENE_LIMITS, ...fixed });
  for (const [name, most] of Object.entries(MOST_SCENE_LIMITS)) assert.equal(numberOf(rows.get(name)?.[1]), most, name);
});

test("the scene files' limits are the parameters' defaults", () => {
  assert.partialDeepStrictEqual(readParameters(), SCENE_LIMITS);
});

const bands = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `b${i}`, data_type: 'uint8' }));

/** A package of one band and of chips of one pixel, but for some edits. */
/** With a profile of so many bands, of so many bins each. */
const withProfile = (count: number, bins: number) => {
  const edges = Array.from({ length: bins + 1 }, (_, i) => i);
  const numbers = { mean: 1, deviation: 1, betweenChips: 1, valuesPerChip: 1, degreesOfFreedom: 1 };
  const profile = { chips: 20, edges, counts: edges.slice(1), ...numbers };
  const profiles = Object.fromEntries(bands(count).map(({ name }) => [name, profile]));
  return editedPackage(smallModel(bands(count), [1, 1]), { classes: { 'cows-0': 1 }, bands: profiles });
};
const packageWith = (...edits: Edit[]) => editedPackage([...smallModel(bands(1), [1, 1]), ...edits]);
const ofSize = (height: number, width: number, count = 1, ...edits: Edit[]) =>
  editedPackage([...smallModel(bands(count), [height, width]), ...edits]);

async function withClasses(names: string[]): Promise<ModelPackage> {
  const classes = names.map((name, value) => ({ name, value }));
  const edits: Edit[] = [
    [`${OUTPUT}/classification:classes`, classes],
    [`${OUTPUT}/result/shape`, [-1, names.length]],
  ];
  return editedPackage([...smallModel(bands(1), [1, 1]), ...edits], { classes: { [names[0]!]: 1 } });
}

async function withItemOf(bytes: number): Promise<ModelPackage> {
  const item = new Uint8Array(bytes).fill(0x20);
  item.set(new TextEncoder().encode(JSON.stringify(await editedItem())));
  return readModelPackage(async (file) => (file === 'item.json' ? item : readBaselineFile(file)));
}

function withPolygonsOf(bytes: number) {
  const ring = ['0,0', '1,0', '1,1', '0,0'].map((at) => at.split(',').map(Number));
  const geometry = { type: 'Polygon', coordinates: [ring] };
  const features = [{ type: 'Feature', properties: { class: 'forest' }, geometry }];
  const text = JSON.stringify({ type: 'FeatureCollection', features }).padEnd(bytes);
  const cover = { polygons: 'landcover.geojson', property: 'class', values: ['forest'] };
  return readCovers(readFrom({ 'landcover.geojson': text }), { chipSegments: { cover } });
}

const TEXT: TextInputs = { columns: ['text'], maxTokens: 8, isOpen: true, fills: ['ids'] };

/** Example's only field is 1; this is another one. */
const modelOf = (count: number, runner: 'function' | 'batch') =>
  readArtifact(
    async (file, limit = 0) => {
      if (count > limit) throw new ObjectTooLarge(file, count, limit); // as both stores do, before they read
      return new Uint8Array();
    },
    { artifact: { file: 'model.onnx', format: 'onnx' }, runner },
  );

const fieldsOfRecord = (count: number) => {
  const bytes = new Uint8Array(2 * count).fill(0x48);
  return parseExample({ file: 'scene', index: 0, offset: 0, length: bytes.length + 16, bytes });
};

/** A model, a graph, a node, its attribute, the graph in it… */
function messages(count: number): Uint8Array {
  let inner: Uint8Array = new Uint8Array();
  for (let depth = count; depth > 1; depth--) inner = sized(depth === 2 ? 7 : [1, 5, 6][depth % 3]!, inner);
  return inner;
}

/** Of each limit a try with a number: the limit is fine, and one more is refused. */
const TRIES: Record<string, (count: number) => unknown> = {
  MAX_FIELDS: fieldsOfRecord,
  MAX_KEY_BYTES: (count) =>
    sceneRefSchema.parse({
      bucket: 'inbox',
      key: 'é'.repeat(count / 2).padEnd(count - Math.floor(count / 2), 'x'),
      versionId: 'v',
    }),
  MAX_VERSION_ID_LENGTH: (count) => sceneRefSchema.parse({ bucket: 'inbox', key: 'k', versionId: 'v'.repeat(count) }),
  MAX_PACKAGE_TEXT_BYTES: withItemOf,
  MAX_POLYGONS_BYTES: withPolygonsOf,
  MAX_TOKENIZER_BYTES: (bytes) => readText(readFrom({ 'tokenizer.json': new Uint8Array(bytes) }), TEXT),
  MAX_QUEUE_MESSAGE_BYTES: (count) => {
    const message = { id: 'r', inputs: [{ image: '' }] };
    message.inputs[0]!.image = 'A'.repeat(count - JSON.stringify(message).length);
    return parseRequest(JSON.stringify(message));
  },
  MAX_REQUEST_INPUTS: (count) => parseRequest(JSON.stringify({ id: 'r', inputs: Array(count).fill(1) })),
  MAX_JSON_VALUES: (count) => jsonParts(Buffer.from(`{"a":[[${'1,'.repeat(count - 4)}1]]}`)),
  MAX_JSON_NESTING: (count) => jsonParts(Buffer.from(`{"a":${'['.repeat(count - 1)}${']'.repeat(count - 1)}}`)),
  MAX_TRUTH_BYTES: (count) =>
    jsonBody(
      {
        headers: {},
        body: Buffer.from(
          `${`{"a":[${'1'.padEnd(20_000)}${`,${'1'.padEnd(20_000)}`.repeat(208)}`.padEnd(count - 2)}]}`,
        ),
      },
      'truths',
    ),
  MAX_MASK_PIXELS: (count) => assertMasksFit(ofOnePixel, count),
  MAX_SERVED_MODELS: (count) =>
    encodeServing(Array.from({ length: count }, (_, i) => ({ name: `m${i}`, accepts: ['*'], since: null }))),
  MAX_KEY_PATTERNS: (count) => encodeServing([{ name: 'm', accepts: Array(count).fill('a'), since: null }]),
  MAX_MODEL_BYTES: (count) => modelOf(count, 'function'),
  MAX_BATCH_MODEL_BYTES: (count) => modelOf(count, 'batch'),
  MAX_BANDS: (count) => ofSize(1, 1, count),
  MAX_PROFILE_BANDS: (count) => withProfile(count, 1),
  MAX_PROFILE_BINS: (count) => withProfile(1, count),
  MAX_ENTRIES: (count) => packageWith(['links', Array(count).fill({ rel: 'self', href: 'x' })]),
  MAX_INPUTS: (count) => {
    const input = {
      bands: ['b0'],
      input: { shape: [-1, 1, 1, 1], dim_order: ['batch', 'bands', 'height', 'width'], data_type: 'float32' },
    };
    const inputs = Array.from({ length: count }, (_, i) => ({ ...input, name: `i${i}` }));
    return packageWith([`${PROPERTIES}/mlm:input`, inputs]);
  },
  MAX_CLASSES: (count) => withClasses(Array.from({ length: count }, (_, i) => `c${i}`)),
  MAX_LABEL_LENGTH: (count) => withClasses(['c'.repeat(count)]),
  MAX_NAME_LENGTH: (count) => packageWith([`${PROPERTIES}/version`, '1'.repeat(count)]),
  MAX_EXPRESSION_LENGTH: (count) => parseExpression('A'.padEnd(count), ['A']),
  MAX_CARRIED: (count) => packageWith([`${PROPERTIES}/swath:carry`, bands(count).map(({ name }) => `c_${name}`)]),
  MAX_CARRIED_LENGTH: (count) => carriedText({ name: 'id', type: 'STRING' }, 'x'.repeat(count), () => 'a'),
  MAX_EXPRESSION_NESTING: (count) => parseExpression(`${'('.repeat(count)}A${')'.repeat(count)}`, ['A']),
  MAX_SIDE: (count) =>
    ofSize(1, 1, 1, [`${PROPERTIES}/swath:source_shape`, [1, count]], [`${INPUT}/resize_type`, 'crop']),
  // 2 ^ 26 is 8,192 × 8,192; the next number that two sides can make is more than one more.
  MAX_VALUES_PER_CHIP: (count) => ofSize(8192, Math.ceil(count / 8192)),
  MAX_BATCH_SIZE: (count) => packageWith([`${INPUT}/input/shape/0`, count], [`${OUTPUT}/result/shape/0`, count]),
  MAX_ONNX_NESTING: (count) => checkOnnxFile('model.onnx', messages(count)),
  // Millions of fields and rows take seconds, so the same is asked of a limit of five.
  MAX_ONNX_FIELDS: (count) => {
    const fields = new Uint8Array(2 * (5 + count - limits.MAX_ONNX_FIELDS)).fill(8);
    const wrong = (error: unknown) => {
      throw new InvalidModelPackage(
        (error as Error).message.replace('than 5 fields', `than ${limits.MAX_ONNX_FIELDS} fields`),
      );
    };
    return attempt(() => checkOnnxFile('model.onnx', fields, 5), wrong);
  },
  MAX_FILE_TRUTHS: async (count) => {
    const rows = `s,1,1\n`.repeat(5 + count - limits.MAX_FILE_TRUTHS);
    const table = new TextEncoder().encode(`scene,index,truth\n${rows}`);
    await readTableOfTruths('a.csv', table, '2026-03-02T10:00:00.000Z', 5).catch((error: Error) => {
      throw new InvalidMessage(error.message.replace('than 5 truths', `than ${limits.MAX_FILE_TRUTHS} truths`));
    });
  },
  MAX_PARQUET_FOOTER_BYTES: (count) =>
    readFooter({
      key: 'a',
      size: 2 ** 30,
      range: async () =>
        Buffer.concat([
          Buffer.from([count & 255, (count >> 8) & 255, (count >> 16) & 255, count >> 24]),
          Buffer.from('PAR1'),
        ]),
    }).catch((error) => {
      if (!error.message.includes('damaged')) throw error;
    }),
  MAX_ENLARGEMENT: async (count) => {
    const onePixel = encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) });
    const image = { where: 'a', bytes: onePixel, within: 'a request' } as const;
    const model = { ...(await ofSize(count, count)), isOfPictures: true as const };
    await imageChip(image, { index: 0, kind: 'index' }, model, 2 ** 20);
  },
  MAX_FEATURE_ID_LENGTH: (count) => parseInput({ features: { id: 'i'.repeat(count) } }, 'inputs[0]'),
  MAX_FEATURE_RECORD_BYTES: (count) =>
    recordOf(
      { id: 'a', text: 'x'.repeat(count - '{"text":""}'.length) },
      { id: 'id', eventTime: 't', at: '2026-01-01' },
      'row 1',
    ),
  MAX_MEMBER_NAME_LENGTH: (count) => memberName('a', new Uint8Array(count).fill(0x78)),
  MAX_TAR_HEADER_BYTES: async (count) => {
    const tar = encodeTar([{ name: 'x', type: 'x', bytes: new Uint8Array(count) }]);
    for await (const _ of membersOf('a', rangesIn(tar)));
  },
  // At the limit it is read, and has no image.
  MAX_ZIP_DIRECTORY_BYTES: async (count) => {
    const end = Buffer.from([0x50, 0x4b, 5, 6, ...Array<number>(18).fill(0)]);
    end.writeUInt32LE(2 ** 30 - end.length - count, 16);
    const range = async (_: number, length: number) => Buffer.concat([Buffer.alloc(length - end.length), end]);
    const zipped = { key: 'a', size: 2 ** 30, head: end, range };
    await zip.readChip(zipped, { index: 0, kind: 'index' }, await packageWith()).catch((error) => {
      if (!error.message.includes('found no image')) throw error;
    });
  },
  // At the limit it is read.
  MAX_PRODUCT_METADATA_BYTES: (count) =>
    textOf({ key: 'a', size: count, range: async (_, length) => new Uint8Array(length) }),
  // At the limit it is read, and has no metadata.
  MAX_PRODUCT_FILES: async (count) => {
    const file = encodeTar(Array.from({ length: count }, (_, i) => ({ name: `a.SAFE/${i}`, bytes: new Uint8Array() })));
    const scene = { key: 'a.tar', size: file.length, chunks: inOneChunk(file), range: rangesIn(file) };
    const reading = tar.makeReader(await packageWith(), limits.SCENE_LIMITS)(scene);
    await Array.fromAsync(reading).catch((error) => {
      if (!error.message.includes('no metadata of a scene')) throw error;
    });
  },
  MAX_TABLE_COLUMNS: async (count) =>
    matchColumns('a', ['A', ...Array<string>(count - 1).fill('x')], await editedPackage(ROW_OF_ONE)),
  MAX_ROW_LENGTH: async (count) => {
    const chunks = (async function* () {
      yield Buffer.from(`A\n${'2'.repeat(count)}\n`);
    })();
    for await (const _ of rowsIn('a', chunks));
  },
  // 2 ^ 34 is 131,072 × 131,072; here, too, the next number is more than one more.
  MAX_RASTER_PIXELS: (count) => pictureOf({ width: 131_072, height: Math.ceil(count / 131_072), side: 8192 }),
  MAX_RASTER_BLOCKS: (count) => pictureOf({ width: 16 * count, height: 16, side: 16 }),
  MAX_TIFF_DIRECTORIES: (count) => pictureOf({ directories: count }),
  MAX_TIFF_TAGS: (count) => pictureOf({ entries: count }),
  MAX_TIFF_TAG_BYTES: (count) => pictureOf({ text: ' '.repeat(count) }),
  MAX_GEO_TEXT_BYTES: (count) => pictureOf({ names: ' '.repeat(count) }),
  MAX_JPEG_SCANS: jpegOfScans,
  MAX_SIBLING_BYTES: withSiblingOf,
  MAX_MASK_FILE_BYTES: withMaskOf,
  MAX_TILE_PARTS: withTileParts,
  MAX_SCENE_ITEM_BYTES: withSceneItemOf,
  MAX_HDF5_BYTES: withHdf5Of,
  MAX_AREA_POSITIONS: (count) => {
    const ring = Array.from({ length: count }, (_, i) => [i % (count - 1) === 0 ? 7 : 8, 47]);
    parseArea({ type: 'Polygon', coordinates: [ring] }, 'a');
  },
};

/** Within the limit, a file that is none: what is opened then is not HDF5. */
async function withHdf5Of(size: number) {
  const chunks = inOneChunk(Buffer.from('none'));
  const opening = openHdf5({ key: 'a.nc', size, range: rangesIn(new Uint8Array()), chunks });
  return opening.catch(
    onError(InvalidSceneFile, (error) => {
      if (error.message.includes("without HDF5's signature")) return;
      throw error;
    }),
  );
}

/** As both stores read one. */
async function withSiblingOf(count: number) {
  const sibling = async (key: string) => {
    if (count > limits.MAX_SIBLING_BYTES) throw new ObjectTooLarge(key, count, limits.MAX_SIBLING_BYTES);
    return Buffer.from('1\n0\n0\n-1\n0\n0'.padEnd(count));
  };
  const picture = await pictureOf({});
  return placeBySiblings('a.tif', { ...picture, transform: null }, (key) =>
    key.endsWith('w') ? sibling(key) : Promise.resolve(null),
  );
}

async function withMaskOf(count: number) {
  const mask = new Uint8Array(count);
  mask.set(
    makeTiff({ directories: [{ ImageWidth: [1], ImageLength: [1], BitsPerSample: [8] }], blocks: [Uint8Array.of(1)] }),
  );
  const sibling = async (key: string, limit = 0) => {
    if (count > limit) throw new ObjectTooLarge(key, count, limit);
    return mask;
  };
  await maskBySibling('a.tif', { ...(await pictureOf({})), width: 1, height: 1 }, sibling, {
    maxBlockBytes: 1,
    cacheBytes: 0,
  });
}

/** At the limit it is read, and found to have no bands. */
async function withSceneItemOf(count: number) {
  const item = Buffer.from(`{"type": "Feature", "stac_version": "1.1.0", "assets": {}}`.padEnd(count));
  const stacItem = FORMATS.find(({ name }) => name === 'STAC Item')!;
  const chunks = inOneChunk(item);
  const asset = async () => assert.fail('it names no file');
  const scene = { key: 'a.stac.json', size: count, chunks, range: rangesIn(item), asset };
  const reading = stacItem.makeReader(await editedPackage([]), limits.SCENE_LIMITS)(scene);
  await reading[Symbol.asyncIterator]()
    .next()
    .catch((error) => {
      if (!error.message.includes('found no asset for')) throw error;
    });
}

/** A codestream of two tiles, of which the first has so many tile-parts, all but one of them empty, and the second one. */
async function withTileParts(count: number) {
  const part = (tile: number) => Buffer.of(0xff, 0x90, 0, 10, 0, tile, 0, 0, 0, 14, 0, 0, 0xff, 0x93);
  const file = Buffer.concat([...Array<Buffer>(count - 1).fill(part(0)), part(1), Buffer.of(0xff, 0xd9)]);
  const source = { key: 'a.jp2', size: file.length, range: rangesIn(file) };
  const read = async (at: number, length: number) => file.subarray(at, at + length);
  return makeTileParts(source, read, { start: 0, end: file.length, tiles: 2 })([1]);
}

/** A JPEG of one scan, and what would be more of them behind its end. */
function jpegOfScans(count: number) {
  const { file = '' } = images.pictures.find(({ what }) => what === 'JPEG, 1 bands') ?? {};
  const jpeg = Buffer.concat([Buffer.from(file, 'base64'), ...Array<Buffer>(count - 1).fill(Buffer.of(0xff, 0xda))]);
  return openImage('JPEG', new Uint8Array(jpeg));
}
/** A model of a row of one number. */
const ROW_OF_ONE: Edit[] = [
  ...smallModel([{ name: 'A', data_type: 'uint8' }], [1, 1]),
  [`${INPUT}/input/dim_order`, ['batch', 'feature']],
  [`${INPUT}/input/shape`, [-1, 1]],
];

/** A TIFF of nothing but what it says of itself: none of its tiles is stored. */
function pictureOf({ width = 16, height = 16, side = 16, directories = 1, entries = 0, text = '', names = '' }) {
  const none = new Uint8Array(Math.ceil(width / side) * Math.ceil(height / side));
  const size = {
    ImageWidth: [width],
    ImageLength: [height],
    TileWidth: [side],
    TileLength: [side],
    BitsPerSample: [8],
  };
  const picture: Fields = { ...size, TileOffsets: none, TileByteCounts: none, GdalMetadata: text };
  const keys: Fields = names === '' ? {} : { GeoKeyDirectory: [1, 1, 0, 0], GeoAsciiParams: names };
  const others = Array<Fields>(directories - 1).fill({});
  return openBytes(makeTiff({ directories: [{ ...picture, ...keys }, ...others], isTiled: true, entries }));
}

/** Limits that refuse nothing, or that have their own tests. */
const ELSEWHERE = {
  MAX_TEXT_CHARACTERS: 'core/package/text/tokenizer.test.ts',
  MAX_INVENTORY_OBJECTS: 'core/feeds/inventory.test.ts',
  MAX_FEED_ITEMS: 'core/feeds/stacSearch.test.ts',
  MAX_API_BYTES: 'aws/askStacApi.test.ts',
  MAX_PART_BYTES: 'below',
  MAX_CONFUSION_CLASSES: 'core/tasks/classification/confused.test.ts',
  MAX_VALUES_PER_BATCH: 'below',
  MAX_PARTS: 'functions/preprocess/preprocess.test.ts',
  MAX_GUNZIP_RATIO: 'core/scenes/gunzipped.test.ts',
  MAX_FETCHED_BYTES: 'aws/readUrl.test.ts',
  MAX_LAMBDA_ANSWER_BYTES: 'aws/apiGateway.test.ts',
  MAX_FETCHED_INPUTS: 'core/doors/online/urlInputs.test.ts',
  MAX_TRIAL_SECONDS: 'cli/models/tryModel.test.ts',
  MAX_TRIAL_BYTES: 'cli/models/tryModel.test.ts',
  MAX_MODEL_CALL_SECONDS: 'local/stack/modelCalls.test.ts',
};

test('every limit has a test', () => {
  assert.deepEqual([...Object.keys(TRIES), ...Object.keys(ELSEWHERE)].sort(), Object.keys(fixed).sort());
});

describe('the limit itself is accepted, and one more is refused with the error that docs/limits.md names:', () => {
  for (const [name, attempt] of Object.entries(TRIES))
    test(name, async () => {
      const limit = fixed[name as keyof typeof fixed];
      await attempt(limit);
      await refusedAs(name, async () => attempt(limit + 1));
    });
});

describe("a scene file's limits:", async () => {
  const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
  const model = await readSmallModel();
  /** Of each name other bytes: the same would be a duplicate. */
  const chipsOf = (name: string) => [{ value: name.length }, { value: 0 }, { value: 7 }];
  const ref = { name: 'small', version: '1.0.0' };
  const benchWith = (name: string, limit: number) =>
    makeBench(
      chipsOf(name),
      {
        ledger,
        models: { serving: servingOf(ref), load: async () => model },
        accept: () => assert.fail('one model is live'),
        now: () => new Date('2026-03-01T12:00:00Z'),
        resultsBucket: 'results',
        chipsPerPart: 2,
        attemptLimit: 3,
        acquisitionTimePattern: '',
        leaseSeconds: 60,
        sceneLimits: { ...SCENE_LIMITS, [name]: limit },
      },
      {},
    );
  const size = benchWith('maxChips', 1).file.length;
  const record = size / 3 - 16;

  for (const [name, exactly] of [
    ['maxFileBytes', size],
    ['maxRecordBytes', record],
    ['maxChips', 3],
  ] as const)
    test(name, async () => {
      assert.equal((await benchWith(name, exactly).preprocess()).status, 'ready');
      const bench = benchWith(name, exactly - 1);
      const message = await refusedAs(name, bench.preprocess);
      assert.ok(message.startsWith(`${bench.scene.key}: `), message);
      assert.equal(bench.results.objects.size, 0);
      // By its size alone.
      if (name === 'maxFileBytes') assert.deepEqual([bench.bytesPulled(), bench.calls.get('close')], [0, 1]);
    });

  test('a part holds as many chips as fit into MAX_PART_BYTES', async () => {
    const bytes = limits.MAX_PART_BYTES;
    // One band of bytes, of 1,024 × 16,384 pixels: exactly one chip to a part.
    assert.equal(chipsPerPart(await ofSize(1024, 16_384), 512), 1);
    assert.equal(chipsPerPart(await ofSize(1024, 8192), 512), 2);
    assert.equal(chipsPerPart(await ofSize(1024, 8193), 512), 1);
    assert.equal(1024 * 16_384, bytes);
  });
});

test('a batch has as many chips as fit into MAX_VALUES_PER_BATCH', async () => {
  const side = Math.sqrt(limits.MAX_VALUES_PER_BATCH);
  assert.equal((await ofSize(side, side)).batchSize, 1);
  assert.equal((await ofSize(side / 2, side)).batchSize, 2);
  assert.equal((await ofSize(side / 2 + 1, side)).batchSize, 1);
});

/** The error says what the page says that it does. */
async function refusedAs(name: string, attempt: () => Promise<unknown>): Promise<string> {
  const said = /^`(.*)`$/.exec(rows.get(name)?.at(-1) ?? '')?.[1]?.split('…') ?? [];
  assert.ok(said.length > 0, `docs/limits.md does not say what is said of ${name}`);
  let message = '';
  await assert.rejects(attempt, (error: Error) => {
    message = error.message;
    return true;
  });
  let at = 0;
  for (const part of said) {
    at = message.indexOf(part.trim(), at);
    assert.ok(at >= 0, `${message} does not say: ${part}`);
  }
  return message;
}
