/** Matches `<prefix>00000.tfrecord.gz`, one of several shards, or `<prefix>.tfrecord.gz`. */
const SHARD = /^(.*?)(\d{5})?\.tfrecord(?:\.gz)?$/s;

/** Returns the shard number in the name of an export's file; undefined for its only file. */
export const shardOf = (key: string): string | undefined => SHARD.exec(key)?.[2];

/** Returns the keys where the companion of an export's file may be; none if the file's name is not that of an export. */
export function mixersOf(key: string): string[] {
  const [, prefix, shard] = SHARD.exec(key) ?? [];
  if (prefix === undefined) return [];
  return shard === undefined ? [`${prefix}-mixer.json`, `${prefix}mixer.json`] : [`${prefix}mixer.json`];
}
