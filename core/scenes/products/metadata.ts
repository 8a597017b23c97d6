import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { attempt, citedStart, InvalidSceneFile } from '../../base/errors.ts';
import { numberIn } from '../numberIn.ts';

export type ReadText = (path: string) => Promise<string>;

export type SceneFolder = { readonly folder: string; readonly names: readonly string[] };

export type Metadata = ReturnType<typeof readMetadata>;

/**
 * Reads the XML of a scene's metadata: elements by their names without prefixes, the first of a name for its text. Entities that it defines are refused, and nothing outside of it is read.
 * `InvalidSceneFile`, with `where`, is thrown for whatever is asked for and not there.
 */
export function readMetadata(where: string, xml: string) {
  const refuse = refuseIn(where);
  const damaged = (error: unknown) => {
    const why = error instanceof RangeError ? 'nested too deeply' : (error as Error).message.split('\n')[0]!;
    return refuse(`XML that cannot be read (${citedStart(why, 200)})`, 'is the whole file: download it again');
  };
  const every = attempt(() => elementsIn(parseXml(xml).root!), damaged);
  const nameOf = (one: XmlElement) => one.name.replace(/^.*:/, '');
  const named = Map.groupBy(every, nameOf);
  const all = (name: string, within?: XmlElement): XmlElement[] =>
    within === undefined ? (named.get(name) ?? []) : elementsIn(within).filter((one) => nameOf(one) === name);
  const text = (name: string, within?: XmlElement): string =>
    all(name, within).map(textOf)[0] ||
    refuse(`no ${name}`, 'are the metadata of one scene, as the agency delivers them');
  const numberOf = (name: string, found: string): number =>
    numberIn(found) ?? refuse(`${citedStart(found, 80)} as ${name}`, 'is a number');
  return {
    refuse,
    all,
    text,
    numberOf,
    number: (name: string, within?: XmlElement) => numberOf(name, text(name, within)),
    /** Numbers between spaces or commas. */
    numbers: (name: string) =>
      text(name)
        .split(/[\s,]+/)
        .map((word) => numberOf(name, word)),
    time: (time: string) => timeIn(time, refuse),
    /** The path of a file in the scene's folder. */
    path(path: string): string {
      const isWithin = /^\w[\w.-]*(\/\w[\w.-]*)*$/.test(path);
      return isWithin ? path : refuse(`the file ${citedStart(path, 200)}`, "are files in the scene's folder");
    },
  };
}

/** Makes the error of metadata at a place. */
export const refuseIn =
  (where: string) =>
  (found: string, allowed: string): never => {
    throw new InvalidSceneFile(`${where}: found ${found}, allowed ${allowed}.`);
  };

/** Returns a time in UTC, as it is stated if it is stated in UTC. The first Landsat was launched in 1972. */
export function timeIn(time: string, refuse: ReturnType<typeof refuseIn>): string {
  const isTime = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(time) && !Number.isNaN(Date.parse(time));
  const inUtc = !isTime || time.endsWith('Z') ? time : new Date(time).toISOString();
  if (!isTime || inUtc < '1972')
    refuse(`the time ${citedStart(time, 80)}`, 'is one in UTC since 1972, or with its offset');
  return inUtc;
}

/** Returns an element and all within it, in the order of the text. */
const elementsIn = (element: XmlElement): XmlElement[] => [element, ...childrenOf(element).flatMap(elementsIn)];

export const childrenOf = ({ children }: XmlElement): XmlElement[] =>
  children.filter((child) => child instanceof XmlElement);

export const textOf = ({ text }: XmlElement): string => text.trim();
