import { ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { OpenScene } from '../../core/base/objectStore.ts';
import { assetAt } from '../../core/scenes/formats/stacItem/assetAt.ts';
import { digestOfOpen, printOf } from './fingerprint.ts';
import { isBehindLink, NO_LINKS, pathOf } from './inboxKey.ts';
import { bytesOf } from './plainFile.ts';
import { openFile } from './sceneFiles.ts';

/** Opens scene files with which the files of the inbox folder can be read that they name. */
export function withAssetsIn(folder: string, openScene: OpenScene): OpenScene {
  return async (scene) => ({
    ...(await openScene(scene)),
    asset: async (href) => {
      const { key } = assetAt(scene, href, { prefixes: [''], buckets: [] });
      if (await isBehindLink(folder, key)) throw new ObjectNotFound(`${key} is no file of the inbox: ${NO_LINKS}`);
      const file = await openFile(pathOf(folder, key), { key });
      const printNow = async () => printOf(await file.stat({ bigint: true }));
      const assertStill = async (print: string) => {
        if ((await printNow()) !== print) throw new TransientTrouble(`${key} was written to while it was read.`);
      };
      try {
        const { size } = await file.stat();
        const print = await printNow();
        const digest = await digestOfOpen(file);
        await assertStill(print);
        return {
          key,
          size,
          digest: async () => digest,
          async range(offset, length) {
            const bytes = await bytesOf(file, offset, length);
            await assertStill(print);
            return bytes;
          },
          close: () => void file.close().catch(() => {}),
        };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  });
}
