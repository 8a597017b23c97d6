import { makePlane, type Plane } from '../../arrays/dataTypes.ts';
import { isNested } from '../../arrays/isNested.ts';
import { citedStart, InvalidSceneFile, listed } from '../../base/errors.ts';
import { lazily } from '../../base/lazily.ts';
import { makeSourceReader, storedIn } from '../../package/bands.ts';
import type { Chip, ModelPackage, Place } from '../../package/package.ts';
import { namesOf } from '../../package/problems.ts';
import { makeReadRow } from '../../scenes/formats/jsonLines/table.ts';
import { imageChip } from '../../scenes/image/imageChip.ts';
import { isHeld } from '../../scenes/table/bandValue.ts';
import { makeTextChip } from '../../scenes/table/textChip.ts';
import { type InlineInput, type LookedUp, shown } from './input.ts';

/** Reads an inline chip. Throws `InvalidSceneFile`, which names it by `where` and its member. */
export type ReadInput = (input: InlineInput, where: string, index: number, member?: string) => Promise<Chip>;

/**
 * Images are read as in files; bands as in a record; values as in a table or an array: predictions are as for files.
 * @param mostBytes the largest decoded image
 */
export function makeReadInput(model: ModelPackage, mostBytes: number): ReadInput {
  const readPlanes = makeSourceReader(model);
  const readValues = makeValuesReader(model);
  const isOfRows = !model.tensor.dimensions.includes('height');
  const { name, version, text } = model;
  const ofTexts = text?.columns.length === 1 ? 'text' : 'texts, a list of two';
  const ofNumbers = isOfRows ? 'values' : 'image, bands, values';
  const textChip = lazily(() => makeTextChip(model));
  const readRow = lazily(() => makeReadRow(model));

  async function chipOf(input: InlineInput, at: string, place: Place): Promise<Chip> {
    if (input.kind === 'features')
      return { ...(await chipOfRecords(input, at, place)), features: input.found!.records.flat() };
    const isOfTexts = input.kind === 'texts' && input.texts.length === text?.columns.length;
    if (isOfTexts) return { place, truth: null, ...(await textChip())!(input.texts) };
    if (input.kind === 'texts' || text !== undefined)
      throw new InvalidSceneFile(
        `${at}: found ${input.kind === 'texts' ? shown(input.texts.length === 1 ? input.texts[0] : input.texts) : input.kind}, allowed is ${text ? ofTexts : ofNumbers}, as ${name} ${version} takes`,
      );
    if (input.kind === 'values') return { place, planes: readValues(input.values, at), truth: null };
    if (input.kind === 'bands')
      return { place, planes: readPlanes(bandsOf(input.bands, at, model), () => at), truth: null };
    if (isOfRows)
      throw new InvalidSceneFile(
        `${at}: found an image, but ${model.name} ${model.version} takes rows of numbers; allowed are values`,
      );
    const bytes = typeof input.image === 'string' ? decodeBase64(input.image, at) : input.image;
    return imageChip({ where: at, bytes, within: 'a request' }, place, model, mostBytes);
  }

  async function chipOfRecords({ found, refused }: LookedUp, at: string, { index }: Place): Promise<Chip> {
    if (refused !== undefined) throw new InvalidSceneFile(`${at}: ${refused}`);
    if (found === undefined)
      throw new InvalidSceneFile(
        `${at}: found ids, which are looked up for requests by queue and HTTP; allowed in a file are values or texts`,
      );
    return (await readRow())(found.values, index, () => at);
  }

  return async (input, where, index, member = input.kind) => {
    const chip = await chipOf(input, `${where}.${member}`, { index, kind: 'index' });
    return input.id === null ? chip : { ...chip, member: input.id };
  };
}

function bandsOf(bands: Readonly<Record<string, string>>, where: string, { source }: ModelPackage): Uint8Array[] {
  const missing = namesOf(source.bands).filter((name) => !Object.hasOwn(bands, name));
  if (missing.length > 0) {
    const found = Object.keys(bands);
    throw new InvalidSceneFile(
      `${where}: found ${found.length === 0 ? 'none' : citedStart(found.slice(0, 20).join(', '), 200)}, but not ${listed(missing)}; allowed is an entry for each band: ${listed(namesOf(source.bands))}`,
    );
  }
  return source.bands.map(({ name }) => decodeBase64(bands[name]!, `${where}.${name}`));
}

/** Values are nested lists of bands, rows and columns; a single band needs no level, and a row of numbers only that. */
function makeValuesReader({ name, version, source }: ModelPackage) {
  const { bands, height, width } = storedIn(source);
  const shapes: number[][] = [
    ...(height * width === 1 ? [[bands.length], [1, bands.length]] : []),
    ...(bands.length === 1 ? [[height, width]] : []),
    [bands.length, height, width],
  ];
  const allowed = `${shapes.map(inWords).join(', or ')}, as ${name} ${version} takes`;

  return (values: readonly unknown[], where: string): Plane[] => {
    const shape = shapes.find((one) => isNested(values, one));
    if (shape === undefined)
      throw new InvalidSceneFile(`${where}: found ${shapeFound(values)}, allowed are ${allowed}`);
    const long = shape.at(-1)!;
    const flat = (lists: readonly unknown[]) => (lists as unknown[][]).flat();
    const rows = shape.length === 1 ? [values] : (shape.slice(2).reduce(flat, values) as unknown[][]);
    const pixels = height * width;
    return bands.map(({ name: band, dataType, asMeant }, i) => {
      const plane = makePlane(dataType, pixels);
      for (let at = 0; at < pixels; at += 1) {
        const place = i * pixels + at;
        const value = rows[Math.trunc(place / long)]![place % long];
        if (typeof value === 'number') plane[at] = value;
        if (plane[at] === value && Number.isFinite(value)) continue; // most, without the looks of isHeld
        if (typeof value !== 'number' || !isHeld(dataType, value, plane[at]!) || !Number.isFinite(value))
          throw new InvalidSceneFile(
            `${where}: band ${band}: found ${shown(value)}${pixels > 1 ? ` for pixel ${at}` : ''}, allowed is a value of ${dataType}`,
          );
      }
      return asMeant(plane);
    });
  };
}

const inWords = (shape: readonly number[]): string =>
  shape.length === 1 ? `${shape[0]} numbers` : `lists of ${shape.join(' × ')} numbers`;

function shapeFound(values: readonly unknown[]): string {
  const lengths: number[] = [];
  for (let at: unknown = values; Array.isArray(at) && lengths.length < 4; at = at[0]) lengths.push(at.length);
  const odd = lengths.length < 4 ? oddOne(values, lengths) : null;
  const shape = lengths.length === 1 ? `a list of ${lengths[0]}` : `lists of ${lengths.join(' × ')}`;
  return odd === null ? shape : `${shape}, of which ${odd}`;
}

/** The first that is not as its neighbours are, such as a row with a number too few. */
function oddOne(value: unknown, [length, ...inner]: readonly number[], at = ''): string | null {
  if (length === undefined) return Array.isArray(value) ? `${at} is a list` : null;
  if (!Array.isArray(value)) return `${at} is no list`;
  if (value.length !== length) return `${at} has ${value.length}`;
  for (const [i, one] of value.entries()) {
    const odd = oddOne(one, inner, `${at}[${i}]`);
    if (odd !== null) return odd;
  }
  return null;
}

/**
 * Decodes base64, rejecting invalid characters: Node would skip them and damage the image. Skipped characters show as
 * missing bytes. Node also accepts the two characters of base64url, and takes others for what their lower bytes are in ASCII.
 */
export function decodeBase64(text: string, where: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const isWhole = text !== '' && bytes.length === (text.length / 4) * 3 - padding;
  const isAscii = Buffer.byteLength(text) === text.length;
  if (!isWhole || !isAscii || text.includes('-') || text.includes('_')) assertBase64(text, where);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** @throws {InvalidSceneFile} with the position of the first invalid character */
function assertBase64(text: string, where: string): void {
  const at = text.search(/[^A-Za-z0-9+/]/);
  const isPadded = at >= 0 && /^={1,2}$/.test(text.slice(at));
  if (at >= 0 && !isPadded)
    throw new InvalidSceneFile(
      `${where}: found ${citedStart(text.slice(at), 20)} at character ${at}, allowed is base64 (RFC 4648) without line breaks, and without data: in front`,
    );
  if (text === '')
    throw new InvalidSceneFile(`${where}: is empty, allowed is base64 (RFC 4648) of a file or of values`);
  if (text.length % 4 !== 0)
    throw new InvalidSceneFile(
      `${where}: found ${text.length} characters, allowed is base64 (RFC 4648), which has a multiple of four`,
    );
}
