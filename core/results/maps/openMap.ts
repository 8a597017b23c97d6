import { mapKey } from '../../base/keys.ts';
import { MOST_SCENE_LIMITS } from '../../base/limits.ts';
import type { OpenObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { MapName } from '../../package/layer.ts';
import { openGeoTiff } from '../../scenes/formats/geotiff/geotiff.ts';
import type { Raster } from '../../scenes/raster/raster.ts';

/** Opens a run's map, with a cache of `cacheBytes` of decoded blocks. Throws `ObjectNotFound` when it is gone. */
export async function openMap(
  openResult: OpenObject,
  { run: id, model, day = '' }: LedgerRow,
  map: MapName,
  cacheBytes: number,
): Promise<Raster> {
  const key = mapKey({ id, model, day }, map);
  const { size, range } = await openResult(key);
  return openGeoTiff({ key, size, range }, { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes });
}
