import { InvalidSceneFile } from '../../errors.ts';
import { csv } from './csv/format.ts';
import { describeStart } from './fileStart.ts';
import type { Format } from './format.ts';
import { geotiff } from './geotiff/format.ts';
import { jpeg } from './jpeg/format.ts';
import { jpeg2000 } from './jpeg2000/format.ts';
import { numpy } from './numpy/format.ts';
import { parquet } from './parquet/format.ts';
import { png } from './png/format.ts';
import { tfrecord } from './tfrecord/format.ts';
import { webp } from './webp/format.ts';

/** The formats of scene files, a line each. TFRecord is the last: it may be whatever is like nothing else. */
export const FORMATS: readonly Format[] = [numpy, geotiff, png, jpeg, webp, jpeg2000, csv, parquet, tfrecord];

/** The format of a file, by its first bytes; `isSure` unless it is only the one that may be tried. */
export function formatOf(
  { key, size }: { key: string; size: number },
  head: Uint8Array,
  formats = FORMATS,
): { format: Format; isSure: boolean } {
  const said = formats.map((format) => format.sniff(head, size));
  const sure = formats[said.indexOf('yes')];
  const format = sure ?? formats[said.indexOf('maybe')];
  if (format === undefined)
    throw new InvalidSceneFile(`${key}: found a file that starts with ${describeStart(head)}; ${whatIsRead(formats)}`);
  return { format, isSure: sure !== undefined };
}

/** Ends an error about a file of no known format. */
export function whatIsRead(formats: readonly Format[]): string {
  return `formats that are read: ${formats.map(({ name }) => name).join(', ')}`;
}
