import { mixersOf } from '../../formats/tfrecord/exportNames.ts';

/**
 * Returns the keys under which GDAL looks for what belongs to an image: its own `.aux.xml`, a mask, and world files. A world
 * file's extension is the first and last letters of the image's plus a w, the whole extension plus a w, or `.wld`.
 */
export function siblingsOf(key: string): { aux: string; mask: string; worldFiles: readonly string[] } {
  const named = { aux: `${key}.aux.xml`, mask: `${key}.msk` };
  const [whole, base, ending] = /^(.*)\.([A-Za-z0-9]{2,5})$/s.exec(key) ?? [];
  if (whole === undefined || base === undefined || ending === undefined) return { ...named, worldFiles: [] };
  const [w, wld] = ending === ending.toUpperCase() ? ['W', 'WLD'] : ['w', 'wld'];
  return { ...named, worldFiles: [`${base}.${ending[0]}${ending.at(-1)}${w}`, `${key}${w}`, `${base}.${wld}`] };
}

/** Returns the files that may lie beside a file to be sent, each with the name it needs beside `key`. */
export function siblingsToSend(file: string, key: string): (readonly [from: string, to: string])[] {
  const [from, to] = [siblingsOf(file), siblingsOf(key)];
  const mixers = [mixersOf(file), mixersOf(key)] as const;
  const pairs = [
    [from.worldFiles, to.worldFiles],
    // A file under another kind of name is no longer recognised as an export's.
    ...(mixers[0].length === mixers[1].length ? [mixers] : []),
  ] as const;
  return [
    [from.aux, to.aux],
    [from.mask, to.mask],
    ...pairs.flatMap(([there, here]) => there.map((name, i) => [name, here[i]!] as const)),
  ];
}
