import { createHash, hash } from 'node:crypto';
import { changedWhileRead, type OpenAsset, type OpenedAsset, type OpenedScene } from '../base/objectStore.ts';

/**
 * Records the asset files of a scene file as they are opened, because they hold its content.
 * @param between is awaited before bytes are read: the scene file itself is read by then, so nothing else renews the run's lease
 */
export function makeAssetsRead(open: OpenAsset | undefined, between: () => Promise<void>) {
  /** By the order in which they were asked for; null for one that is not there, which is a part of what a scene says as well. */
  const read: (OpenedAsset | null)[] = [];
  return {
    asset:
      open &&
      Object.assign(async (href: string): Promise<OpenedAsset> => {
        const nth = read.push(null) - 1;
        await between();
        const asset = await open(href);
        read[nth] = asset;
        const range = async (offset: number, length: number) => {
          await between();
          return asset.range(offset, length);
        };
        return { ...asset, range };
      }, open),
    /** A SHA-256 of the scene file's digest and the contents of its assets. */
    async digest(own: string): Promise<string> {
      if (read.length === 0) return own;
      const contents = await Array.fromAsync(read, async (one) => one && [one.size, await one.digest(between)]);
      return hash('sha256', JSON.stringify([own, ...contents]));
    },
    close(): void {
      for (const asset of read) asset?.close();
    },
  };
}

/** Records what is read of a scene file and of its assets, by which its content is known. */
export function makeContentRead(key: string, opened: OpenedScene, between: () => Promise<void>) {
  const { asset, digest, close } = makeAssetsRead(opened.asset, between);
  const sha256 = opened.digest === undefined ? createHash('sha256') : undefined;
  let streamed = 0;
  async function* chunks() {
    for await (const chunk of opened.chunks) {
      await between();
      sha256?.update(chunk);
      streamed += chunk.length;
      yield chunk;
    }
  }
  return {
    ...(asset && { asset }),
    chunks: chunks(),
    close,
    /** To be called once, when all is read. Throws `SceneFileChanged` if the file is no longer the version that was opened. */
    async digest(): Promise<string> {
      const own = streamed < opened.size ? opened.digest : (sha256?.digest('hex') ?? opened.digest);
      if (await opened.hasChanged(own)) throw changedWhileRead(key);
      return digest(own ?? (await opened.contentDigest!(between)));
    },
  };
}
