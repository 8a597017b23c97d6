import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { startChild } from '../child.ts';
import { classify } from '../classify.ts';
import { measured } from '../figure.ts';
import { installPeer, mapByPeer } from '../peers/peer.ts';
import type { Question } from '../processes/pixels.ts';
import { canSample, SAMPLE_MILLISECONDS } from '../processTree.ts';
import { BANDS, writeRasterFile } from '../rasterFile.ts';
import type { Suite } from '../suite.ts';
import type { Taken } from '../taken.ts';

const PACKAGE = fileURLToPath(new URL('../../models/s2-scl/1.0.0', import.meta.url));
const MB = 1e6;
/** A tile of Sentinel-2 at 10 m; and one to see that it works. */
const [SIDE, QUICK_SIDE] = [10_980, 2048];
/** Of the peer. */
const THREADS = [1, 2];
/** The file, its copy in the inbox, its prepared parts, which overlap, and its maps. */
const ROOM = 4;

/** A whole scene by a model of pixels, from its file to its map. */
export const maps: Suite = {
  title: 'Maps: a scene of six bands, segmented by models/s2-scl by swath classify',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (!canSample()) {
      note('NOT MEASURED: this system does not tell, under /proc, what a process and its children take.');
      return [];
    }
    const side = isQuick ? QUICK_SIDE : SIDE;
    const { bavail, bsize } = await statfs(folder);
    if (side * side * BANDS * 2 * ROOM > bavail * bsize) {
      note(`NOT MEASURED: a scene of ${side} × ${side} takes more room on the disk than there is.`);
      return [];
    }
    const model = await readModelPackage((name) => readFile(join(PACKAGE, name)));
    const chipSide = model.tensor.width;
    const across = Math.ceil((side - model.overlap) / (chipSide - model.overlap));
    const chips = across ** 2;
    tell('pip install');
    const installed = await installPeer(folder, 'python3', 'raster.txt');
    if ('missing' in installed) {
      const why = `THERE IS NO PEER: Python with the packages of bench/peers/raster.txt cannot be had here (${installed.missing}). The processor time stands beside nothing.`;
      console.error(why);
      note(why);
    }
    const python = 'python' in installed ? installed.python : '';
    const threadsOfPeer = 'python' in installed ? THREADS : [];
    const args = [join(PACKAGE, model.artifact.file), ...[model.batchSize, BANDS, chipSide].map(String)];
    const bare = await startChild<Question, Taken>('pixels', { args });
    const file = join(folder, 'scene.tif');
    tell('a first scene, for which the model is published');
    await writeRasterFile(file, 2 * chipSide, 0);
    const classified = () => classify(file, join(folder, 'data'), '--model', PACKAGE);
    await classified();
    const found: { peak: number; seconds: number; bare: number; cpu: number; peers: number[] }[] = [];
    const rounds = isQuick ? 1 : 3;
    for (let round = 1; round <= rounds; round += 1) {
      tell(`${side} × ${side}, round ${round} of ${rounds}`);
      await writeRasterFile(file, side, round);
      const { most, milliseconds, cpuMilliseconds } = await classified();
      const limit = await bare.ask({ chips });
      const peers: number[] = [];
      for (const threads of threadsOfPeer) {
        const taken = await mapByPeer(python, PACKAGE, file, join(folder, 'map.tif'), threads);
        peers.push(taken.cpuMilliseconds / 1000);
      }
      const [seconds, cpu] = [milliseconds / 1000, cpuMilliseconds / 1000];
      found.push({ peak: most / MB, seconds, bare: limit.milliseconds / 1000, cpu, peers });
    }
    await bare.stop();
    note(
      `A scene is the bundled one of Sentinel-2, mirrored and repeated: ${side} × ${side} pixels of six bands of uint16, deflated with predictor 2 in tiles of 512; it is ${chips.toLocaleString('en-US')} chips of ${chipSide} × ${chipSide}. Memory is the whole tree's, looked at every ${SAMPLE_MILLISECONDS} ms; the time is from the command to its end. onnxruntime alone has the same number of chips, ready in memory, and all cores.`,
    );
    note(
      'Processor time is that of all processes, kernel time included. The peer (bench/peers/raster.py) is rasterio, NumPy and onnxruntime in one process, with as many threads for GDAL and for onnxruntime. It cuts the same windows and writes the same map, with its overviews, and nothing else: no digest of the file, no check of the numbers, no shares of classes for each chip, no table of predictions, no drift.',
    );
    const of = (pick: (one: (typeof found)[number]) => number) => found.map(pick);
    const beside = threadsOfPeer.map((threads, i) => [
      `Python, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
      of(({ peers }) => peers[i]!),
    ]);
    return [
      measured(
        'processor time, from the file to its map',
        's',
        of(({ cpu }) => cpu),
        { beside: Object.fromEntries(beside), goal: beside.length > 0 ? { of: 'ratio', atMost: 1.3 } : undefined },
      ),
      measured(
        'peak RSS of the process tree',
        'MB',
        of(({ peak }) => peak),
        { goal: { of: 'value', atMost: 500 } },
      ),
      measured(
        'from the file to its map',
        's',
        of(({ seconds }) => seconds),
        { beside: { 'onnxruntime alone': of((one) => one.bare) }, goal: { of: 'ratio', atMost: 1.15 } },
      ),
    ];
  },
};
