import { hash } from 'node:crypto';
import type { OpenAsset, OpenedAsset } from '../base/objectStore.ts';

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
