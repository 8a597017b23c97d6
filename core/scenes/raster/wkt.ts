import type { GeoKeys } from './raster.ts';

/** A coordinate reference system from well-known text: its name, and its EPSG code or else the text. */
export type WktCrs = { readonly name: string; readonly geoKeys: GeoKeys | null; readonly wkt: string };

type Node = { readonly word: string; readonly values: (string | Node)[]; readonly start: number; end: number };

/** The deepest nesting; that of the most intricate systems is ten. */
const MOST_NESTED = 32;
/** The longest text in characters; EPSG's longest has 20,000. */
const MOST_CHARACTERS = 2 ** 16;

const PROJECTED = ['PROJCS', 'PROJCRS', 'PROJECTEDCRS'];
const GEOGRAPHIC = ['GEOGCS', 'GEOGCRS', 'GEOGRAPHICCRS', 'GEODCRS', 'GEODETICCRS'];
/** Compound systems, which list the horizontal one first. */
const COMPOUND = ['COMPD_CS', 'COMPOUNDCRS', 'BOUNDCRS', 'SOURCECRS'];

/**
 * Reads the horizontal system from well-known text of either version (OGC 01-009 and 18-010r11).
 *
 * @returns null if the text is not well-known text, or does not name a system on earth
 */
export function readWkt(text: string): WktCrs | null {
  if (text.length > MOST_CHARACTERS) return null;
  const node = horizontal(parse(text));
  if (node === undefined) return null;
  const code = codeOf(node);
  const isProjected = PROJECTED.includes(node.word);
  const geoKeys = code === null ? null : { 1024: isProjected ? 1 : 2, [isProjected ? 3072 : 2048]: code };
  if (code === null && !hasEllipsoid(node)) return null;
  const [name] = node.values;
  return {
    name: typeof name === 'string' && name !== '' ? name : node.word,
    geoKeys,
    wkt: text.slice(node.start, node.end),
  };
}

function horizontal(node: Node | undefined): Node | undefined {
  if (node === undefined || PROJECTED.includes(node.word) || GEOGRAPHIC.includes(node.word)) return node;
  if (!COMPOUND.includes(node.word)) return undefined;
  for (const value of node.values) {
    const found = typeof value === 'string' ? undefined : horizontal(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without an ellipsoid, the text does not define the earth's figure. */
function hasEllipsoid({ word, values }: Node): boolean {
  if (word === 'SPHEROID' || word === 'ELLIPSOID') return true;
  return values.some((value) => typeof value !== 'string' && hasEllipsoid(value));
}

function codeOf({ values }: Node): number | null {
  for (const value of values) {
    if (typeof value === 'string' || (value.word !== 'AUTHORITY' && value.word !== 'ID')) continue;
    const [authority, code] = value.values;
    if (authority === 'EPSG' && typeof code === 'string' && /^\d{1,5}$/.test(code)) return Number(code);
  }
  return null;
}

/** Matches words, texts, numbers, brackets and commas. */
const TOKEN = /\s*(?:([A-Za-z_]\w*)\s*[[(]|"((?:[^"]|"")*)"|([^\s",[\]()]+)|([\])])|,)/y;

function parse(text: string): Node | undefined {
  const open: Node[] = [];
  const token = new RegExp(TOKEN);
  for (;;) {
    const start = token.lastIndex;
    const found = token.exec(text);
    if (found === null) return undefined;
    const [, word, quoted, plain, close] = found;
    const inside = open.at(-1);
    if (word !== undefined) {
      const skipped = /^\s*/.exec(found[0])![0].length;
      const node: Node = { word: word.toUpperCase(), values: [], start: start + skipped, end: 0 };
      inside?.values.push(node);
      if (open.push(node) > MOST_NESTED) return undefined;
    } else if (inside === undefined) return undefined;
    else if (close !== undefined) {
      inside.end = token.lastIndex;
      open.pop();
      if (open.length === 0) return inside;
    } else if (quoted !== undefined) inside.values.push(quoted.replaceAll('""', '"'));
    else if (plain !== undefined) inside.values.push(plain);
  }
}
