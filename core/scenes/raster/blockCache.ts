import type { Block, Blocks } from './blocks.ts';
import type { CacheLimits, RasterValues } from './raster.ts';

export type BlockCache = ReturnType<typeof makeBlockCache>;

/** A cache of decoded blocks with a limit in bytes. The least recently used blocks are evicted first. */
export function makeBlockCache({ cacheBytes: mostBytes, isPart }: CacheLimits) {
  type Kept = Block & { readonly values: RasterValues };
  const kept = new Map<Blocks, Map<number, Kept>>();
  /** All blocks, most recently used last. */
  const order = new Set<Kept>();
  let bytes = 0;

  function drop(one: Kept): void {
    order.delete(one);
    kept.get(one.of)!.delete(one.block);
    bytes -= one.values.byteLength;
  }

  return {
    get(of: Blocks, block: number): RasterValues | undefined {
      const one = kept.get(of)?.get(block);
      if (one === undefined) return undefined;
      order.delete(one);
      order.add(one);
      return one.values;
    },
    set(of: Blocks, block: number, values: RasterValues): void {
      if (values.byteLength > mostBytes) return;
      const blocks = kept.get(of) ?? new Map<number, Kept>();
      kept.set(of, blocks);
      const former = blocks.get(block);
      if (former !== undefined) drop(former);
      const one = { of, block, values };
      blocks.set(block, one);
      order.add(one);
      bytes += values.byteLength;
      for (const oldest of order) {
        if (bytes <= mostBytes) break;
        drop(oldest);
      }
    },
    aheadBytes: isPart ? 0 : mostBytes,
    /** Drops all other blocks. Recency alone would be wrong here: the least recently used block may be needed next. */
    keepOnly(isNeeded: (of: Blocks, block: number) => boolean): void {
      for (const one of order) if (!isNeeded(one.of, one.block)) drop(one);
    },
  };
}
