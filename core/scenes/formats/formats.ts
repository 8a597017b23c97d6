import { InvalidSceneFile } from '../../base/errors.ts';
import { csv } from './csv/format.ts';
import { describeStart, type Format } from './format.ts';
import { gzip } from './gzip/format.ts';
import { jsonLines } from './jsonLines/format.ts';
import { numpy } from './numpy/format.ts';
import { parquet } from './parquet/format.ts';
import { PICTURES } from './pictures.ts';
import { product } from './product/format.ts';
import { stacItem } from './stacItem/format.ts';
import { tar } from './tar/format.ts';
import { tfrecord } from './tfrecord/format.ts';
import { zip } from './zip/format.ts';

/**
 * The formats of scene files; requests and answered predictions are added by whoever reads those (core/doors). The order
 * matters: a tar begins with a file name, which may look like another format, but its checksum is certain, so it comes first.
 * NumPy's archives are zips, so they come before zip. A line of JSON begins as a STAC Item does. TFRecord has no magic bytes, so it comes last.
 */
export const FORMATS: readonly Format[] = [
  tar,
  numpy,
  zip,
  ...PICTURES,
  jsonLines,
  stacItem,
  product,
  csv,
  parquet,
  gzip,
  tfrecord,
];

/** Returns the format of a file, by its first bytes. `isSure` is false if the format is only a guess. */
export function formatOf(file: { key: string; size: number }, head: Uint8Array, formats: readonly Format[] = FORMATS) {
  let maybe: Format | undefined;
  for (const format of formats) {
    const said = format.sniff(head, file.size, file.key);
    if (said === 'yes') return { format, isSure: true };
    if (said === 'maybe') maybe ??= format;
  }
  if (maybe === undefined)
    throw new InvalidSceneFile(
      `${file.key}: found a file that starts with ${describeStart(head)}; ${whatIsRead(formats)}`,
    );
  return { format: maybe, isSure: false };
}

/** Returns the end of an error message about a file of unknown format. */
export const whatIsRead = (formats: readonly Format[]): string =>
  `formats that are read: ${formats.map(({ name }) => name).join(', ')}`;
