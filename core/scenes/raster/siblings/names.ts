import { mixersOf } from '../../formats/tfrecord/exportNames.ts';

/**
 * Keys under which a georeference may lie beside a picture, as GDAL looks for them: its own (`.aux.xml`), and world files,
 * whose ending is the picture's: its first letter, its last and a w; all of it and a w; or `.wld`.
 */
export function siblingsOf(key: string): { aux: string; worldFiles: readonly string[] } {
  const aux = `${key}.aux.xml`;
  const [whole, base, ending] = /^(.*)\.([A-Za-z0-9]{2,5})$/s.exec(key) ?? [];
  if (whole === undefined || base === undefined || ending === undefined) return { aux, worldFiles: [] };
  const [w, wld] = ending === ending.toUpperCase() ? ['W', 'WLD'] : ['w', 'wld'];
  return { aux, worldFiles: [`${base}.${ending[0]}${ending.at(-1)}${w}`, `${key}${w}`, `${base}.${wld}`] };
}

/** Of a file that is put under a key, what may lie beside it, and the keys that go with it. */
export function siblingsToSend(file: string, key: string): (readonly [from: string, to: string])[] {
  const [from, to] = [siblingsOf(file), siblingsOf(key)];
  const mixers = [mixersOf(file), mixersOf(key)] as const;
  const pairs = [
    [from.worldFiles, to.worldFiles],
    // A file that is called otherwise over there is no longer known as an export's.
    ...(mixers[0].length === mixers[1].length ? [mixers] : []),
  ] as const;
  return [[from.aux, to.aux], ...pairs.flatMap(([there, here]) => there.map((name, i) => [name, here[i]!] as const))];
}
