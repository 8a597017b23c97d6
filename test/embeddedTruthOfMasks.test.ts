import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accuracyJson, accuracyText } from '../cli/runs/accuracy.ts';
import { driftOf } from '../console/answers/drift.ts';
import type { Service } from '../console/service.ts';
import { dayOf } from '../core/base/time/days.ts';
import { makeMaskReader } from '../core/doors/truth/maskReader.ts';
import { makeTellTruths } from '../core/doors/truth/tellTruths.ts';
import { toTruth } from '../core/doors/truth/truth.ts';
import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import { rangesIn } from '../core/scenes/rangesIn.ts';
import { openSource } from '../local/buckets/plainFile.ts';
import { embeddedService } from '../local/stack/embeddedService.ts';
import type { OwnStack } from '../local/stack/stack.ts';
import { startModelStack } from './benches/onlineStack.ts';
import { encodeGeoTiff } from './geoTiff.ts';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = { name: 's2-scl', version: '1.0.0' };
const SCENE = fromHere('../samples/sentinel-2/s2-t29unu-60m-256.tif');
const SCL = fromHere('../samples/sentinel-2/s2-t29unu-60m-256-scl.tif');
const SIDE = 256;
/** The package's class of each of Sen2Cor's (models/s2-scl/1.0.0/README.md). */
const CLASS_OF: Record<number, number> = { 3: 0, 4: 1, 5: 2, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5 };
const HOURS = 3_600_000;

/** What is true of a map of a real scene, on the embedded stack: from a mask to the numbers of its day. */
describe('truth of masks on the embedded stack', { timeout: 180_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-masks-'));
  let stack: OwnStack;
  let service: Service;
  let day: string;

  before(async () => {
    stack = await startModelStack(home, MODEL.name);
    service = embeddedService(stack);
    day = dayOf(stack.now().getTime());
    assert.equal((await stack.deliver(await stack.put(SCENE, 'ireland.tif'))).status, 'SUCCEEDED');
    await writeMask('scl.tif', (scl) => CLASS_OF[scl] ?? 255);
    stack.clock.set(new Date(Date.parse(day) + 24.5 * HOURS));
    await stack.sweep();
  });
  after(async () => {
    await stack.close();
    rmSync(home, { recursive: true });
  });

  async function writeMask(name: string, of: (scl: number) => number): Promise<void> {
    const bytes = readFileSync(SCL);
    const source = { key: name, size: bytes.length, range: rangesIn(bytes) };
    const raster = await openGeoTiff(source, { maxBlockBytes: 1 << 24, cacheBytes: 0 });
    const values = new Uint8Array(SIDE * SIDE);
    await raster.read({ x: 0, y: 0, width: SIDE, height: SIDE }, [0], [values]);
    const mask = encodeGeoTiff({ width: SIDE, height: SIDE, bands: [values.map(of)] });
    writeFileSync(join(home, name), mask);
  }

  async function tell(mask: string) {
    const readMask = makeMaskReader({ ...service, openMask: (path) => openSource(join(home, path)) });
    const tellTruths = makeTellTruths({ ...service, readMask });
    return tellTruths(
      [toTruth({ scene: 'ireland.tif', index: 0, truth: mask }, stack.now().toISOString(), 'line 2')],
      null,
    );
  }
  const told = () => driftOf(service, { from: day, to: day });

  test('a mask makes a revision of its day, with as many pixels right as the model card says', async () => {
    assert.partialDeepStrictEqual(await tell('scl.tif'), {
      joined: 1,
      corrected: 0,
      runs: 1,
      days: [{ day, model: MODEL }],
    });
    await stack.sweep();
    const drift = await told();
    const { days, together } = accuracyJson(drift);
    const [found] = days as unknown as Record<string, number>[];
    assert.partialDeepStrictEqual(found, { day, revision: 2, known: 1, interval: [0, 1], expected: null });
    assert.equal(found!['pixelAccuracy']!.toFixed(3), '0.682', 'models/s2-scl/1.0.0/README.md');
    // scikit-learn 1.9.1, of the run's map and this mask: jaccard_score(truth, map, labels=range(6), average="macro"), and average=None.
    assert.ok(Math.abs(found!['meanIou']! - 0.44417123389796975) < 1e-12);
    assert.deepEqual(
      together!.classes!.map(({ iou }) => iou!.toFixed(12)),
      [
        0.44246502396282134, 0.5027366387636832, 0.0022675736961451248, 0.5680909929296034, 0.8670298137250134,
        0.2824373603105517,
      ].map((iou) => iou.toFixed(12)),
    );
    const text = accuracyText(drift);
    assert.match(text, /^day +version +pixel accuracy +95 % interval +expected +known$/m);
    assert.match(text, /^class +recall +precision +IoU +true +predicted$/m);
    assert.match(text, /Of 65,536 pixels of 1 chip with a known truth, 68/);
  });

  test('the report of the day knows it', async () => {
    const folder = join(stack.folder.results, `reports/model=${MODEL.name}/version=1.0.0/date=${day}`);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    assert.partialDeepStrictEqual(report.accuracy, { n: 1, figure: { name: 'Pixel accuracy' } });
    assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<th[^>]*>IoU<\/th>/);
  });
});
