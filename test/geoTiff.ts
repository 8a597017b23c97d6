/** GeoTIFF files as GDAL writes them without a compression, for tests: strips of some rows, a pixel's bands beside one another. */

type Picture = {
  width: number;
  height: number;
  /** Of each band the values, row by row, all of one type. */
  bands: readonly (Uint8Array | Uint16Array | Float32Array)[];
  descriptions?: readonly string[];
  /** A projected coordinate reference system. */
  epsg?: number;
  /** Where the top left corner lies, and how large a pixel is. */
  origin?: readonly [x: number, y: number];
  pixel?: number;
  /** Ground control points in place of an origin: column, row, 0, longitude, latitude and 0 of each. */
  tiePoints?: readonly number[];
  nodata?: number | string;
  /** Tag 306, as it is written. */
  dateTime?: string;
  /** Further XML of GDAL's metadata. */
  metadata?: string;
  rowsPerStrip?: number;
};

/** The bytes of the header and of one entry of the directory. */
const [HEADER, ENTRY] = [8, 12];
const [ASCII, SHORT, LONG, DOUBLE] = [2, 3, 4, 12];

type Entry = { tag: number; type: number; count: number; data: Uint8Array };

export function encodeGeoTiff(picture: Picture): Uint8Array {
  const { width, height, bands, rowsPerStrip = 16 } = picture;
  const [first] = bands as [Picture['bands'][number], ...Picture['bands'][number][]];
  const rowBytes = width * bands.length * first.BYTES_PER_ELEMENT;
  const strips = Math.ceil(height / rowsPerStrip);
  const counts = Array.from({ length: strips }, (_, i) => rowBytes * Math.min(rowsPerStrip, height - i * rowsPerStrip));
  const entries = entriesOf(picture, first, counts);
  const directory = 2 + ENTRY * entries.length + 4;
  let end = HEADER + directory;
  const places = entries.map(({ data }) => {
    const at = end;
    if (data.length > 4) end += data.length + (data.length % 2);
    return at;
  });
  const offsets = counts.map((_, i) => end + i * rowBytes * rowsPerStrip);
  entries.find(({ tag }) => tag === TAGS.StripOffsets)!.data.set(bytesOf(Uint32Array.from(offsets)));

  const file = new Uint8Array(end + rowBytes * height);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, HEADER]);
  view.setUint16(HEADER, entries.length, true);
  for (const [i, { tag, type, count, data }] of entries.entries()) {
    const at = HEADER + 2 + ENTRY * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    if (data.length > 4) {
      view.setUint32(at + 8, places[i]!, true);
      file.set(data, places[i]!);
    } else file.set(data, at + 8);
  }
  const pixels = new (first.constructor as new (length: number) => typeof first)(width * height * bands.length);
  for (const [band, values] of bands.entries())
    for (let i = 0; i < values.length; i += 1) pixels[i * bands.length + band] = values[i]!;
  file.set(bytesOf(pixels), end);
  return file;
}

const TAGS = {
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  DateTime: 306,
  ExtraSamples: 338,
  SampleFormat: 339,
  ModelPixelScale: 33550,
  ModelTiepoint: 33922,
  GeoKeyDirectory: 34735,
  GdalMetadata: 42112,
  GdalNodata: 42113,
};

function entriesOf(
  { width, height, bands, descriptions, epsg, origin, pixel = 1, nodata, rowsPerStrip = 16, ...more }: Picture,
  first: Picture['bands'][number],
  counts: readonly number[],
): Entry[] {
  const each = (value: number) => new Array<number>(bands.length).fill(value);
  const entries = [
    shorts('ImageWidth', [width]),
    shorts('ImageLength', [height]),
    shorts('BitsPerSample', each(8 * first.BYTES_PER_ELEMENT)),
    shorts('Compression', [1]),
    shorts('PhotometricInterpretation', [1]),
    longs('StripOffsets', counts),
    shorts('SamplesPerPixel', [bands.length]),
    shorts('RowsPerStrip', [rowsPerStrip]),
    longs('StripByteCounts', counts),
    shorts('PlanarConfiguration', [1]),
    ...(more.dateTime === undefined ? [] : [text('DateTime', more.dateTime)]),
    ...(bands.length > 1 ? [shorts('ExtraSamples', new Array<number>(bands.length - 1).fill(0))] : []),
    shorts('SampleFormat', each(first instanceof Float32Array ? 3 : 1)),
  ];
  if (origin !== undefined)
    entries.push(doubles('ModelPixelScale', [pixel, pixel, 0]), doubles('ModelTiepoint', [0, 0, 0, ...origin, 0]));
  if (more.tiePoints !== undefined) entries.push(doubles('ModelTiepoint', more.tiePoints));
  if (epsg !== undefined) entries.push(shorts('GeoKeyDirectory', [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, epsg]));
  if (descriptions !== undefined || more.metadata !== undefined) {
    const items = (descriptions ?? []).map(
      (name, i) => `<Item name="DESCRIPTION" sample="${i}" role="description">${name}</Item>`,
    );
    entries.push(text('GdalMetadata', `<GDALMetadata>${items.join('')}${more.metadata ?? ''}</GDALMetadata>`));
  }
  if (nodata !== undefined) entries.push(text('GdalNodata', String(nodata)));
  return entries;
}

type Tag = keyof typeof TAGS;

function shorts(tag: Tag, values: readonly number[]): Entry {
  return { tag: TAGS[tag], type: SHORT, count: values.length, data: bytesOf(Uint16Array.from(values)) };
}

function longs(tag: Tag, values: readonly number[]): Entry {
  return { tag: TAGS[tag], type: LONG, count: values.length, data: bytesOf(Uint32Array.from(values)) };
}

function doubles(tag: Tag, values: readonly number[]): Entry {
  return { tag: TAGS[tag], type: DOUBLE, count: values.length, data: bytesOf(Float64Array.from(values)) };
}

function text(tag: Tag, value: string): Entry {
  const data = new Uint8Array(Buffer.from(`${value}\0`));
  return { tag: TAGS[tag], type: ASCII, count: data.length, data };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
