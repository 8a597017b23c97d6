import { InvalidSceneFile } from '../../errors.ts';
import { answered } from './answered/format.ts';
import { csv } from './csv/format.ts';
import { describeStart } from './fileStart.ts';
import type { Format } from './format.ts';
import { gzip } from './gzip/format.ts';
import { numpy } from './numpy/format.ts';
import { parquet } from './parquet/format.ts';
import { PICTURES } from './pictures.ts';
import { request } from './request/format.ts';
import { makeStacItem } from './stacItem/format.ts';
import { tar } from './tar/format.ts';
import { tfrecord } from './tfrecord/format.ts';
import { zip } from './zip/format.ts';

/**
 * The formats of scene files, a line each. A tar begins with the name of a file, which may be like any other's first bytes, and is
 * sure by its checksum: it is the first. NumPy's archives are zips, so it comes before zip; a request is JSON as STAC Items are, so it comes before them. TFRecord is the last: it may be whatever is like nothing else.
 */
export const FORMATS: readonly Format[] = [
  ...[tar, numpy, zip],
  ...PICTURES,
  ...[answered, request, makeStacItem(PICTURES), csv, parquet, gzip, tfrecord],
];

/** The format of a file, by its first bytes; `isSure` unless it is only the one that may be tried. */
export function formatOf(
  { key, size }: { key: string; size: number },
  head: Uint8Array,
  formats = FORMATS,
): { format: Format; isSure: boolean } {
  let maybe: Format | undefined;
  for (const format of formats) {
    const said = format.sniff(head, size);
    if (said === 'yes') return { format, isSure: true };
    if (said === 'maybe') maybe ??= format;
  }
  if (maybe === undefined)
    throw new InvalidSceneFile(`${key}: found a file that starts with ${describeStart(head)}; ${whatIsRead(formats)}`);
  return { format: maybe, isSure: false };
}

/** Ends an error about a file of no known format. */
export function whatIsRead(formats: readonly Format[]): string {
  return `formats that are read: ${formats.map(({ name }) => name).join(', ')}`;
}
