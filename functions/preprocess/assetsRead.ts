import { hash } from 'node:crypto';
import type { OpenAsset, OpenedAsset } from '../../core/objectStore.ts';

/**
 * Keeps account of the files that a scene file names, as they are opened: what it shows is what they hold.
 *
 * @param between is waited for before bytes are read: the scene file itself has come by then, and nobody else sees to the run
 */
export function makeAssetsRead(open: OpenAsset | undefined, between: () => Promise<void>) {
  const read: OpenedAsset[] = [];
  return {
    asset:
      open &&
      (async (href: string): Promise<OpenedAsset> => {
        await between();
        const asset = await open(href);
        read.push(asset);
        const range = async (offset: number, length: number) => {
          await between();
          return asset.range(offset, length);
        };
        return { ...asset, range };
      }),
    /** SHA-256 that stands for the scene file of that digest and for the versions of the files that it was read with. */
    digest(own: string): string {
      if (read.length === 0) return own;
      return hash('sha256', JSON.stringify([own, ...read.map(({ size, version }) => [size, version])]));
    },
    close(): void {
      for (const asset of read) asset.close();
    },
  };
}
