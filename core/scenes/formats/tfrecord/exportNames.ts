/** `<prefix>00000.tfrecord.gz`, of which there are as many as it takes; or `<prefix>.tfrecord.gz`. */
const SHARD = /^(.*?)(\d{5})?\.tfrecord(?:\.gz)?$/s;

/** Which of an export's files one is, as its name says; undefined where it is the only one. */
export function shardOf(key: string): string | undefined {
  return SHARD.exec(key)?.[2];
}

/** The keys by which an export's companion may lie beside a file of that key; none where the file is not named like an export. */
export function mixersOf(key: string): string[] {
  const [, prefix, shard] = SHARD.exec(key) ?? [];
  if (prefix === undefined) return [];
  return shard === undefined ? [`${prefix}-mixer.json`, `${prefix}mixer.json`] : [`${prefix}mixer.json`];
}
