/** The sides of the chips of the bundled baseline, and its bands. */
const SIDE = 65;
const NAMES = Array.from({ length: 11 }, (_, i) => `B${i + 1}`);
const regular = (chunk_shape: number[]) => ({ name: 'regular', configuration: { chunk_shape } });

/** The files of a Zarr store of version 3, two chips beside each other, without compression; its metadata come last. */
export function zarrStore(first: number): [path: string, content: Uint8Array][] {
  const shape = [SIDE, 2 * SIDE];
  const bands = NAMES.map((name) => {
    const about = { data_type: 'uint8', fill_value: 0, codecs: [{ name: 'bytes' }], attributes: {} };
    const chunks = { chunk_grid: regular([SIDE, SIDE]), chunk_key_encoding: { name: 'default' } };
    return [name, { zarr_format: 3, node_type: 'array', shape, dimension_names: ['y', 'x'], ...about, ...chunks }];
  });
  const root = { zarr_format: 3, node_type: 'group', attributes: {} };
  const chunks = NAMES.flatMap((name, i) =>
    [0, 1].map((chunk): [string, Uint8Array] => {
      const values = Uint8Array.from({ length: SIDE ** 2 }, (_, at) => first + ((at * (i + 3)) % 97) + chunk);
      return [`${name}/c/0/${chunk}`, values];
    }),
  );
  const metadata = { ...root, consolidated_metadata: { metadata: Object.fromEntries(bands) } };
  return [...chunks, ['zarr.json', Buffer.from(JSON.stringify(metadata))]];
}
