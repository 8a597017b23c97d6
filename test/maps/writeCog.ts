/**
 * Writes COGs for core/results/maps/cog/validate.py: of each line on the standard input (JSON) one file, of bands that lie one after
 * the other in a file of bare values, and says how many seconds that took, and how many of a processor.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { planeOver } from '../../core/arrays/dataTypes.ts';
import type { CogSpec, Scratch } from '../../core/results/maps/cog/cogSpec.ts';
import { type CogOptions, makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';

type Job = {
  spec: Omit<CogSpec, 'nodata'> & { nodata: number | null | 'nan' };
  options: CogOptions;
  /** Rows of one call. */
  rows: number;
  values: string;
  out: string;
  /** So often are the values repeated, from the top down; the spec's height is that of all. */
  times?: number;
};

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line) as Job;
  const spec = { ...job.spec, nodata: job.spec.nodata === 'nan' ? Number.NaN : job.spec.nodata };
  const { width, dataType, bands } = spec;
  const { times = 1 } = job;
  const height = spec.height / times;
  const all = planeOver(dataType, new Uint8Array(await readFile(job.values)));
  const scratchFile = await open(`${job.out}.scratch`, 'w+');
  const file = await open(job.out, 'w');
  const [started, before] = [performance.now(), process.cpuUsage()];
  const writer = makeCogWriter(spec, scratchOf(scratchFile), job.options);
  for (let again = 0; again < times; again += 1)
    for (let row = 0; row < height; row += job.rows) {
      const rows = Math.min(job.rows, height - row);
      const planes = bands.map((_, band) => {
        const start = (band * height + row) * width;
        return all.subarray(start, start + rows * width);
      });
      await writer.addRows(planes, rows);
    }
  const { size, chunks } = writer.finish();
  let written = 0;
  for await (const chunk of chunks) written += (await file.write(chunk)).bytesWritten;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  await Promise.all([file.close(), scratchFile.close()]);
  await rm(`${job.out}.scratch`);
  console.log(
    JSON.stringify({ seconds, cpu: (user + system) / 1e6, size, written, peak: process.resourceUsage().maxRSS }),
  );
}

function scratchOf(file: Awaited<ReturnType<typeof open>>): Scratch {
  let size = 0;
  return {
    async append(bytes) {
      const offset = size;
      size += bytes.length;
      await file.write(bytes, 0, bytes.length, offset);
      return offset;
    },
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      await file.read(bytes, 0, length, offset);
      return bytes;
    },
  };
}
