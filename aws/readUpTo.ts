/** All that comes, or what goes beyond so many bytes, after which the connection is closed. */
export async function readUpTo(most: number, body: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > most) break;
  }
  return Buffer.concat(chunks, bytes);
}
