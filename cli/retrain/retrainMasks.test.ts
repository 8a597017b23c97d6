import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Service } from '../../console/service.ts';
import { makeMaskReader } from '../../core/doors/truth/maskReader.ts';
import { makeTellTruths } from '../../core/doors/truth/tellTruths.ts';
import { toTruth } from '../../core/doors/truth/truth.ts';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import type { OwnStack } from '../../local/stack/stack.ts';
import { startModelStack } from '../../test/benches/onlineStack.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { retrainOnce } from './retrain.ts';

const SAMPLES = join(import.meta.dirname, '../../samples/sentinel-2');
const SIDE = 256;
/** Two chips, which share 32 columns. */
const WIDTH = 480;
/** The package's class of each of Sen2Cor's (models/s2-scl/1.0.0/README.md); others are none. */
const CLASS_OF: Record<number, number> = { 3: 0, 4: 1, 5: 2, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5 };
const SCALING = '(x - 1000) / 10000';

const PLACE = { epsg: 32_629, origin: [500_000, 4_400_000], pixel: 60 } as const;
const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
/** One of the scenes is an Item of a file for each band. */
const AS_ITEM = '1.stac.json';
const ITEM = {
  ...{ type: 'Feature', stac_version: '1.1.0', id: '1', geometry: null, links: [] },
  properties: { datetime: '2026-03-01T10:00:00Z' },
  assets: Object.fromEntries(BANDS.map((name, i) => [name, { href: `./1.assets/${i}.tif`, bands: [{ name }] }])),
};

/** Stands for a training: copies the live package with another scaling, by which its network is better or worse. */
const TRAINING = `
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
const { SWATH_RETRAIN_DATA: data, SWATH_RETRAIN_OUT: out, SWATH_RETRAIN_VERSION: version } = process.env;
const [source, scaling, given] = process.argv.slice(2);
cpSync(data, given, { recursive: true });
cpSync(source, out, { recursive: true });
const text = readFileSync(out + '/item.json', 'utf8').replace(/clip\\(.*?, 0, 2\\)/, 'clip(' + scaling + ', 0, 2)');
const item = JSON.parse(text.replaceAll('1.0.0', version));
delete item.assets.model['file:size'];
delete item.assets.model['file:checksum'];
writeFileSync(out + '/item.json', JSON.stringify(item));
const { calibration: _, ...reference } = JSON.parse(readFileSync(out + '/reference.json', 'utf8'));
writeFileSync(out + '/reference.json', JSON.stringify(reference));
`;

/** A model of pixels, whose truths are masks: from a mask to a better version, and to worse ones that are refused. */
describe('swath retrain for a model of pixels', { timeout: 180_000 }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'swath-masks-'));
  const [script, given] = [join(cwd, 'train.mjs'), join(cwd, 'given')];
  let stack: OwnStack;
  let service: Service;
  /** Of each scene, the classes of its pixels; 255 for none. */
  const masks = new Map<string, Uint8Array>();

  const bandsOf = async (name: string) => {
    const bytes = readFileSync(join(SAMPLES, name));
    const source = { key: name, size: bytes.length, range: rangesIn(bytes) };
    const raster = await openGeoTiff(source, { maxBlockBytes: 1 << 24, cacheBytes: 0 });
    const type = raster.type === 'uint8' ? Uint8Array : Uint16Array;
    const read = raster.bands.map(() => new type(SIDE * SIDE));
    await raster.read({ x: 0, y: 0, width: SIDE, height: SIDE }, [...read.keys()], read);
    return read.map((band) => Uint16Array.from(band));
  };

  /** The scene of 256 columns from some row on, and again from its first column on, as wide as two chips. */
  const widened = (band: Uint16Array, turn: number) =>
    Uint16Array.from({ length: WIDTH * SIDE }, (_, i) => {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      return band[((y + turn) % SIDE) * SIDE + (x % SIDE)]!;
    });

  before(async () => {
    writeFileSync(script, TRAINING);
    stack = await startModelStack(join(cwd, 'stack'), 's2-scl', (folder) => {
      const text = readFileSync(join(folder, 'item.json'), 'utf8');
      writeFileSync(join(folder, 'item.json'), text.replace(SCALING, '(x - 500) / 10000'));
      const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'));
      const calibration = { chips: 1000, right: 700, meanProbability: 0.7, coverage: 0.85, threshold: 0.95 };
      writeFileSync(join(folder, 'reference.json'), JSON.stringify({ ...reference, calibration }));
    });
    service = embeddedService(stack);
    const [bands, [scl]] = [await bandsOf('s2-t29unu-60m-256.tif'), await bandsOf('s2-t29unu-60m-256-scl.tif')];
    const file = join(cwd, 'scene');
    const put = (key: string, bytes: Uint8Array | string) => {
      writeFileSync(file, bytes);
      return stack.put(file, key);
    };
    const raster = (planes: Uint16Array[]) =>
      encodeGeoTiff({ width: WIDTH, height: SIDE, bands: planes, nodata: 0, ...PLACE });
    const assets = join(stack.folder.inbox, '1.assets');
    mkdirSync(assets);
    for (let turn = 0; turn < 4; turn += 1) {
      const turned = bands.map((band) => widened(band, 16 * turn));
      const key = turn === 1 ? AS_ITEM : `${turn}.tif`;
      if (turn === 1) for (const [i, band] of turned.entries()) writeFileSync(join(assets, `${i}.tif`), raster([band]));
      const scene = await put(key, turn === 1 ? JSON.stringify(ITEM) : raster(turned));
      assert.equal((await stack.deliver(scene)).status, 'SUCCEEDED');
      masks.set(
        key,
        Uint8Array.from(widened(scl!, 16 * turn), (value) => CLASS_OF[value] ?? 255),
      );
    }
  });
  after(async () => {
    await stack.close();
    rmSync(cwd, { recursive: true });
  });

  async function tell(scene: string, mask: Uint8Array) {
    writeFileSync(join(cwd, 'mask.tif'), encodeGeoTiff({ width: WIDTH, height: SIDE, bands: [mask], ...PLACE }));
    const readMask = makeMaskReader({ ...service, openMask: (path) => openSource(join(cwd, path)) });
    const truths = [0, 1].map((index) =>
      toTruth({ scene, index, truth: 'mask.tif' }, stack.now().toISOString(), `line ${index + 2}`),
    );
    return makeTellTruths({ ...service, readMask })(truths, null);
  }

  const retrain = (scaling: string, before = () => {}) => {
    rmSync(given, { recursive: true, force: true });
    return retrainOnce({
      ...{ since: '30d', heldOut: 0.5, fresh: 1, work: join(cwd, 'work') },
      command: ['node', script, join(stack.folder.models, 's2-scl', '1.0.0'), scaling, given],
      within: (work) => {
        before();
        return work(service);
      },
      tell: async () => {},
    });
  };

  test('waits for masks', async () => {
    const { outcome, said } = await retrain(SCALING);
    assert.deepEqual([outcome, existsSync(given)], ['waits', false], said);
    for (const [scene, mask] of masks) assert.equal((await tell(scene, mask)).joined, 2);
  });

  for (const [title, scaling, why] of [
    [
      'has fewer pixels right',
      '(x - 100) / 10000',
      /Of [\d,]+ held-out pixels it has [\d,]+ right, and 1\.0\.0, .* [\d,]+\.$/,
    ],
    [
      'says one class of all pixels',
      'x * 0',
      /It says \w+ of each of the [\d,]+ held-out pixels, of which the truth says \d different things\.$/,
    ],
  ] as const)
    test(`refuses what ${title}, and does not learn the same masks again`, async () => {
      const { outcome, said } = await retrain(scaling);
      assert.equal(outcome, 'refused', said);
      assert.match(said, why);
      assert.equal((await retrain(scaling)).outcome, 'unchanged');
    });

  test('gives the training each scene with its mask, as large and as it was stated', async () => {
    const { outcome, said, model } = await retrain(SCALING);
    assert.equal(outcome, 'candidate', said);
    assert.match(said, /: 6 chips to train on and 2 chips held out, of 4 scenes whose truth is known\./);
    assert.match(said, / of 2 chips with a known truth, \d\d\u00a0% got the class/);
    const [head, ...lines] = readFileSync(join(given, 'truth.csv'), 'utf8').trim().split('\n');
    assert.equal(head, 'scene,index,truth,sample');
    assert.equal(lines.length, 8);
    for (const line of lines) {
      const [scene, , mask] = line.split(',') as [string, string, string];
      assert.equal(mask, `masks/${scene.split('/')[1]}.tif`);
      const bytes = readFileSync(join(given, mask));
      const file = { key: mask, size: bytes.length, range: rangesIn(bytes) };
      const raster = await openGeoTiff(file, { maxBlockBytes: 1 << 24, cacheBytes: 0 });
      const values = new Uint8Array(WIDTH * SIDE);
      await raster.read({ x: 0, y: 0, width: WIDTH, height: SIDE }, [0], [values]);
      const of = scene.slice(scene.indexOf('-', scene.indexOf('/')) + 1);
      assert.deepEqual(values, masks.get(of === `${AS_ITEM}.tif` ? AS_ITEM : of), scene);
    }
    const item = JSON.parse(readFileSync(join(stack.folder.models, 's2-scl', model!.version, 'item.json'), 'utf8'));
    assert.equal(item.properties['swath:expected_accuracy'], undefined);
    assert.match(
      said,
      / It states no expected accuracy, because a single held-out scene does not show how scenes differ\./,
    );
    assert.match(said, / Its prediction sets are from 400 held-out pixels, for a coverage of 0\.85\./); // 200 of each chip
    const reference = readFileSync(join(stack.folder.models, 's2-scl', model!.version, 'reference.json'), 'utf8');
    const { chips, threshold, coverage } = JSON.parse(reference).calibration;
    assert.deepEqual([chips, coverage, threshold > 0.5 && threshold < 1], [400, 0.85, true], `${threshold}`);
  });

  test('learns again from a mask that was corrected', async () => {
    assert.equal((await retrain(SCALING)).outcome, 'unchanged');
    const [[scene, mask]] = masks as unknown as [[string, Uint8Array]];
    assert.equal(
      (
        await tell(
          scene,
          mask.map((value, i) => (i < 100 ? 3 : value)),
        )
      ).corrected,
      1,
    );
    assert.equal((await retrain('x * 0')).outcome, 'refused');
  });

  test('publishes nothing if the network is another one by then', async () => {
    const changed: string[] = [];
    const change = () => {
      const files = readdirSync(join(cwd, 'work'), { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((one) => one.endsWith('package.calibrated/model.onnx'))) {
        appendFileSync(join(cwd, 'work', file), 'more');
        changed.push(file);
      }
    };
    await assert.rejects(retrain('(x - 1001) / 10000', change), {
      name: 'TrainingFailed',
      message:
        /^\S+package\.calibrated: changed while it was compared\. Have the command wait for all that it starts\.$/,
    });
    assert.equal(changed.length, 1);
  });
});
