import { type Described, projectionOf } from './described.ts';
import { findDatum, plainName } from './epsg/systems.ts';
import { PARAMETERS } from './methods.ts';

type Node = { readonly word: string; readonly values: (string | Node)[] };

/** The deepest nesting; that of the most intricate systems is ten. */
const MOST_NESTED = 32;
/** The longest text in characters; EPSG's longest has 20,000. */
const MOST_CHARACTERS = 2 ** 16;

const PROJECTED = ['PROJCS', 'PROJCRS', 'PROJECTEDCRS'];
const GEOGRAPHIC = ['GEOGCS', 'GEOGCRS', 'GEOGRAPHICCRS', 'GEODCRS', 'GEODETICCRS'];
/** Compound systems, which list the horizontal one first. */
const COMPOUND = ['COMPD_CS', 'COMPOUNDCRS', 'BOUNDCRS', 'SOURCECRS'];

/** The horizontal system of well-known text (OGC 01-009, 18-010r11), by its EPSG code if any; or why it is unknown. */
export async function readWkt(text: string): Promise<{ code: number; isProjected: boolean } | Described | string> {
  const root = text.length > MOST_CHARACTERS ? undefined : parse(text);
  const node = horizontal(root);
  if (node === undefined || (codeOf(node) === null && find(node, ELLIPSOID) === undefined))
    return 'its well-known text says of no coordinate reference system on earth';
  const code = codeOf(node);
  if (code !== null) return { code, isProjected: PROJECTED.includes(node.word) };
  return describe(node, find(root!, ['ABRIDGEDTRANSFORMATION', 'TOWGS84']));
}

const ELLIPSOID = ['SPHEROID', 'ELLIPSOID'];
const UNIT = ['UNIT', 'LENGTHUNIT', 'ANGLEUNIT', 'SCALEUNIT'];
const DEGREE = Math.PI / 180;
/** As GDAL and Esri write it even among grads, and PROJ reads it (io.cpp, buildPrimeMeridian). */
const PARIS = 2.33722917;

/** Texts round the factor of a degree. */
const inDegrees = (radians: number): number => (Math.abs(radians / DEGREE - 1) < 1e-9 ? 1 : radians / DEGREE);

async function describe(node: Node, toWgs84: Node | undefined): Promise<Described | string> {
  const isProjected = PROJECTED.includes(node.word);
  const name = textIn(node);
  const ellipsoid = find(node, ELLIPSOID)!;
  const base = isProjected ? (find(node, GEOGRAPHIC.concat('BASEGEOGCRS')) ?? node) : node;
  const derived = find(node, ['DERIVINGCONVERSION']);
  if (derived !== undefined)
    return `its projection (${shown(textIn(find(derived, ['METHOD']) ?? derived))}) is not known`;
  const [axis = Number.NaN, inverse = 0] = numbersIn(ellipsoid);
  const semiMajor = axis * factorOf(ellipsoid, 1);
  const angle = inDegrees(factorOf(base, DEGREE));
  const unit = isProjected ? factorOf(node, 1) : angle;
  const projection = isProjected ? projectionIn(node, { angle, unit }) : null;
  if (typeof projection === 'string') return projection;
  const datumName = textIn(find(node, ['DATUM', 'ENSEMBLE']) ?? node);
  const plain = plainName(datumName);
  const datum = await findDatum((one) => one.datum.some((name) => plainName(name) === plain));
  const meridian = find(node, ['PRIMEM', 'PRIMEMERIDIAN']);
  const shift = toWgs84 === undefined ? null : shiftIn(toWgs84);
  if (typeof shift === 'string') return shift;
  const east = meridian ? numbersIn(meridian)[0]! : 0;
  const isParis = Math.abs(east - PARIS) < 1e-8; // in degrees, where angles are grads
  const longitude = meridian ? east * inDegrees(factorOf(meridian, isParis ? DEGREE : angle * DEGREE)) : 0;
  const numbers = [semiMajor, inverse, unit, longitude];
  if (!numbers.every(Number.isFinite)) return `its coordinate reference system (${shown(name)}) is not complete`;
  const semiMinor = inverse === 0 ? semiMajor : semiMajor * (1 - 1 / inverse);
  const figure = { name: textIn(ellipsoid), semiMajor, semiMinor };
  return { name, projection, unit, datum, datumName, meridian: longitude, shift, ellipsoid: figure };
}

function projectionIn(node: Node, { angle, unit }: { angle: number; unit: number }): Described['projection'] | string {
  const method = textIn(find(node, ['PROJECTION', 'METHOD']) ?? node);
  const proj4 = all(node, ['EXTENSION'])
    .map(({ values }) => values.at(-1))
    .join();
  const called = proj4.includes('+sweep=x')
    ? 'Geostationary Satellite (Sweep X)'
    : proj4.includes('+nadgrids=@null')
      ? 'Popular Visualisation Pseudo Mercator'
      : method;
  const given = all(node, ['PARAMETER']).map((parameter) => ({
    name: plainName(textIn(parameter)),
    value: numbersIn(parameter)[0] ?? Number.NaN,
    own: find(parameter, UNIT) === undefined ? undefined : factorOf(parameter, 1),
  }));
  const used = new Set<string>();
  const found = projectionOf(
    shown(method),
    ({ names }) => names.some((one) => plainName(one) === plainName(called)),
    (parameter) => {
      const { names, kind } = PARAMETERS[parameter];
      const known = names.flatMap((one) => ORIGINS.map((origin) => plainName(one.replace('@', origin))));
      for (const one of known) used.add(one);
      const is = given.find(({ name }) => known.includes(name));
      if (is === undefined) return undefined;
      const { value, own } = is;
      if (own !== undefined) return kind === 'angle' ? value * inDegrees(own) : value * own;
      return value * { angle, length: unit, scale: 1 }[kind];
    },
  );
  if (typeof found === 'string' || found === null) return found;
  const { lat_0 = 0, x_0 = 0, y_0 = 0 } = found.values;
  const other = given.find(({ name, value }) => !used.has(name) && ![0, 1, lat_0].includes(value));
  const isWest = (one: string | Node) => typeof one === 'string' && /^west$/i.test(one);
  const isOdd = all(node, ['AXIS']).some(({ values }) => values.some(isWest));
  const isMoved = found.method.proj.startsWith('geos') && (x_0 !== 0 || y_0 !== 0);
  if (other !== undefined || isOdd !== found.method.proj.includes('axis=wsu') || isMoved)
    return `its projection (${shown(method)}${other === undefined ? ' with such axes or offsets' : ` with ${shown(other.name)}`}) is not known`;
  return found;
}

const ORIGINS = ['natural origin', 'false origin', 'projection centre'];

/** As for PROJ, of WKT1's TOWGS84 or WKT2's abridged transformation, whose rotations may have the other sign. */
function shiftIn(node: Node): number[] | string {
  const values = node.word === 'TOWGS84' ? numbersIn(node) : all(node, ['PARAMETER']).map((one) => numbersIn(one)[0]!);
  const method = textIn(find(node, ['METHOD']) ?? node);
  if ((values.length !== 3 && values.length !== 7) || !values.every(Number.isFinite))
    return `its transformation to WGS 84 (${shown(method)}) is not known`;
  const turn = /frame/i.test(method) ? -1 : 1;
  const parts = node.word === 'TOWGS84' ? (value: number) => value : (factor: number) => (factor - 1) * 1e6;
  return values.map((value, i) => (i < 3 ? value : i < 6 ? turn * value : parts(value)));
}

const textIn = ({ word, values: [first] }: Node): string => (typeof first === 'string' && first !== '' ? first : word);

const numbersIn = ({ values }: Node): number[] =>
  values.map((value) => (value === '' ? Number.NaN : Number(value))).filter(Number.isFinite);

/** The factor of a node's own unit, in metres or radians, or of those of its axes. */
function factorOf(node: Node, usual: number): number {
  const own = nodesIn(node).find(({ word }) => UNIT.includes(word));
  const unit = own ?? all(node, ['AXIS']).map((axis) => find(axis, UNIT))[0];
  return unit === undefined ? usual : (numbersIn(unit)[0] ?? Number.NaN);
}

const nodesIn = ({ values }: Node): Node[] => values.filter((value) => typeof value !== 'string');

/** The first node of such a word, from the outside in. */
const find = (node: Node, words: readonly string[]): Node | undefined => all(node, words)[0];

function all(node: Node, words: readonly string[]): Node[] {
  const inside = nodesIn(node);
  return [...inside.filter(({ word }) => words.includes(word)), ...inside.flatMap((one) => all(one, words))];
}

/** A name from a file, short enough for a message. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 100)).slice(1, -1);

function horizontal(node: Node | undefined): Node | undefined {
  if (node === undefined || PROJECTED.includes(node.word) || GEOGRAPHIC.includes(node.word)) return node;
  if (!COMPOUND.includes(node.word)) return undefined;
  return nodesIn(node).flatMap((one) => horizontal(one) ?? [])[0];
}

function codeOf(node: Node): number | null {
  for (const { word, values } of nodesIn(node)) {
    if (word !== 'AUTHORITY' && word !== 'ID') continue;
    const [authority, code] = values;
    if (authority === 'EPSG' && typeof code === 'string' && /^\d{1,5}$/.test(code)) return Number(code);
  }
  return null;
}

function parse(text: string): Node | undefined {
  const open: Node[] = [];
  // Matches words, texts, numbers, brackets and commas.
  const token = /\s*(?:([A-Za-z_]\w*)\s*[[(]|"((?:[^"]|"")*)"|([^\s",[\]()]+)|([\])])|,)/y;
  for (;;) {
    const found = token.exec(text);
    if (found === null) return undefined;
    const [, word, quoted, plain, close] = found;
    const inside = open.at(-1);
    if (word !== undefined) {
      const node: Node = { word: word.toUpperCase(), values: [] };
      inside?.values.push(node);
      if (open.push(node) > MOST_NESTED) return undefined;
    } else if (inside === undefined) return undefined;
    else if (close !== undefined) {
      open.pop();
      if (open.length === 0) return inside;
    } else if (quoted !== undefined) inside.values.push(quoted.replaceAll('""', '"'));
    else if (plain !== undefined) inside.values.push(plain);
  }
}
