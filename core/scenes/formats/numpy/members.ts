import { InvalidSceneFile } from '../../../base/errors.ts';
import { citedStart } from '../../../base/text/cited.ts';
import { type Entry, entriesOf, findDirectory, LOCAL_BYTES, localBytes, textOf } from '../zip/directory.ts';

export type Member = Omit<Entry, 'name'> & { readonly name: string; readonly packed: Uint8Array };

const MOST_MEMBERS = 1000;

/**
 * Returns the files that an archive's central directory lists.
 *
 * @throws {InvalidSceneFile} when the archive is cut short, damaged, or not as numpy writes it
 */
export function membersOf(key: string, file: Uint8Array): Member[] {
  const directory = findDirectory(key, file, file.length);
  const { start, end, count } = directory;
  if (count > MOST_MEMBERS)
    throw new InvalidSceneFile(`${key}: found ${count} files in it, allowed are at most ${MOST_MEMBERS}`);
  const damaged = (what: string) => new InvalidSceneFile(`${key}: is damaged: ${what}`);
  const names = new Set<string>();
  return entriesOf(key, file.subarray(start, end), directory).map((entry) => {
    const name = textOf(entry.name);
    const what = citedStart(name, 100);
    if (names.has(name)) throw damaged(`${what} is in it twice`);
    names.add(name);
    const headerBytes = localBytes(file.subarray(entry.at, entry.at + LOCAL_BYTES));
    if (headerBytes === undefined) throw damaged(`${what} does not begin at byte ${entry.at}`);
    const first = entry.at + headerBytes;
    const last = first + entry.packedBytes;
    if (last > file.length) throw damaged(`${what} extends beyond the archive's end`);
    return { ...entry, name, packed: file.subarray(first, last) };
  });
}
