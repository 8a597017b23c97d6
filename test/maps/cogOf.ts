import type { Plane } from '../../core/arrays/dataTypes.ts';
import type { CogSpec } from '../../core/results/maps/cog/cogSpec.ts';
import { type CogOptions, makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';
import { makeMemoryScratch } from './memoryScratch.ts';

/** For tests: a map of classes that lies nowhere, but for what is said of it. */
export function cogSpec(width: number, height: number, more: Partial<CogSpec> = {}): CogSpec {
  const nothing = { nodata: null, transform: null, geoKeys: null };
  return {
    width,
    height,
    dataType: 'uint8',
    bands: [{ description: 'class' }],
    ...nothing,
    resampling: 'mode',
    ...more,
  };
}

/** For tests: the file of some bands. */
export async function cogOf(spec: CogSpec, bands: readonly Plane[], options: CogOptions = {}): Promise<Buffer> {
  const writer = makeCogWriter(spec, makeMemoryScratch(), options);
  await writer.addRows(bands, spec.height);
  const parts: Uint8Array[] = [];
  for await (const chunk of writer.finish().chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
