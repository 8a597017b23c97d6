import { citedStart } from '../base/errors.ts';
import { isTimePattern, timeInKey } from '../base/time/timeInKey.ts';
import { type Feed, FeedFailed, type Inventory } from './feed.ts';

/** What `--bands` lists: names, or names and what stands for them in keys, such as red=SR_B4. */
export const bandsIn = ({ bands }: Pick<Inventory, 'bands'>): (readonly [name: string, inKey: string])[] =>
  bands.map((band) => {
    const [name = '', inKey = name] = band.split('=');
    return [name, inKey];
  });

const SHOWN = 200;
const escaped = (text: string) => text.replaceAll(/[\\^$.|?+()[\]{}*/-]/g, '\\$&');

/**
 * Makes what reads a key by a pattern: {id} is what the files of a scene share, {band} one of the bands, * anything within a folder, and ** anything.
 * The same name again is the same text again. The time is found in the key by itself, as it often is a part of the id.
 * The band is empty where one object has all.
 *
 * @throws {FeedFailed} when it is no pattern
 */
export function keyPattern(
  { collection, inventory }: Pick<Feed, 'collection'> & { inventory: Inventory },
  prefix: string,
): (key: string) => { id: string; band: string; time: string } | null {
  const no = (why: string) => new FeedFailed(`the pattern ${citedStart(collection, SHOWN)}: ${why}.`);
  const bands = bandsIn(inventory);
  const groups: Record<string, string> = { id: '[^/]+', band: bands.map(([, inKey]) => escaped(inKey)).join('|') };
  const seen: string[] = [];
  if (collection.includes('{band}*')) throw no('found * after {band}, which would take B1 for B10');
  const parts = collection.split(/(\{[^}]*\}|\*\*\/|\*+)/).map((part, nth) => {
    if (nth % 2 === 0) return escaped(part);
    if (part === '**/') return '(?:.*/)?';
    if (part.startsWith('*')) return part === '*' ? '[^/]*' : '.*';
    const name = part.slice(1, -1);
    if (seen.includes(name)) return `\\k<${name}>`;
    if (!Object.hasOwn(groups, name)) throw no(`found ${part}, allowed are {id}, {band}, * and **`);
    seen.push(name);
    return `(?<${name}>${groups[name]})`;
  });
  if (seen[0] !== 'id')
    throw no(
      `found no {id}${seen.length > 0 ? ' before {band}' : ''}, by which a scene's files follow one another in a listing`,
    );
  if (bands.length === 0 || bands.some((band) => band.includes('')))
    throw no('found no bands, allowed are those that a scene has, such as red=SR_B4,nir=SR_B5');
  if (!isTimePattern(inventory.time))
    throw no(`found the time ${citedStart(inventory.time, SHOWN)}, allowed is a part of a key such as _%Y%m%d_`);
  const pattern = new RegExp(`^${parts.join('')}$`, 's');
  return (key) => {
    const { id, band = '' } = pattern.exec(key.slice(prefix.length))?.groups ?? {};
    const time = id === undefined ? null : timeInKey(key, inventory.time, Number.POSITIVE_INFINITY);
    return id === undefined || time === null ? null : { id, band, time };
  };
}
