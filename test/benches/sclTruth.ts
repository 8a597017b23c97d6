import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { encodeGeoTiff } from '../geoTiff.ts';
import { openInMemory } from '../openInMemory.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The package's class of each of Sen2Cor's. */
const CLASS_OF: Readonly<Record<number, number>> = { 3: 0, 4: 1, 5: 2, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5 };

/** Writes Sen2Cor's classes of the bundled Sentinel-2 scene as a mask for `s2-scl`, and the table that names it. */
export async function sclTruth(): Promise<{ side: number; model: string; scene: string; table: string }> {
  const scene = path('samples/sentinel-2/s2-t29unu-60m-256.tif');
  const scl = await openInMemory(openGeoTiff, 'scl.tif', readFileSync(scene.replace('.tif', '-scl.tif')));
  const { width, height } = scl;
  const values = new Uint8Array(width * height);
  await scl.read({ x: 0, y: 0, width, height }, [0], [values]);
  const folder = mkdtempSync(join(tmpdir(), 'swath-scl-'));
  const mask = encodeGeoTiff({ width, height, bands: [values.map((value) => CLASS_OF[value] ?? 255)] });
  writeFileSync(join(folder, 'mask.tif'), mask);
  const table = join(folder, 'truth.csv');
  writeFileSync(table, `scene,index,truth\n${basename(scene)},0,mask.tif\n`);
  return { side: width, model: path('models/s2-scl/1.0.0'), scene, table };
}
