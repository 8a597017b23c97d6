import { posix } from 'node:path';
import { mapKey, mapNamesKey, packageKey, predictionsKey, resultItemKey } from '../../base/keys.ts';
import type { RunRef } from '../../base/messages.ts';
import { RELEASE } from '../../base/release.ts';
import type { MapName } from '../../package/layer.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { RasterInfo } from '../../scenes/raster/rasterInfo.ts';
import { mapGrid } from './mapGrid.ts';
import { type ResultRaster, resultItem } from './resultItem.ts';

export type HrefOf = (object: { bucket: 'inbox' | 'models'; key: string }, itemKey: string) => string;

type Of = {
  run: RunRef;
  raster: RasterInfo;
  parts: number;
  model: ModelPackage;
  maps: readonly MapName[];
  hrefOf: HrefOf;
};

export const MAP_TITLES = {
  predictions: 'Predictions, pixel by pixel',
  unsure: 'Pixels that may be of several classes',
  probabilities: 'Probability of each class',
} as const satisfies Record<MapName, string>;

export function itemOfRun({ run, raster, parts, model, maps, hrefOf }: Of) {
  const own = resultItemKey(run);
  const layers = model.task.layers?.(model) ?? [];
  const rasters = maps.map((map): [string, ResultRaster] => {
    const href = relativeTo(own, mapKey(run, map));
    const raster = { title: MAP_TITLES[map], href, layers: layers.filter((layer) => layer.map === map) };
    return [map === 'predictions' ? 'data' : map, raster];
  });
  const hasNames = maps.length > 0 && layers.some(({ classes }) => classes !== undefined);
  return resultItem({
    id: run.id,
    acquired: run.acquired,
    arrived: `${run.day}T00:00:00Z`,
    scene: { href: hrefOf({ bucket: 'inbox', key: run.scene.key }, own) },
    model: {
      name: model.name,
      version: model.version,
      href: hrefOf({ bucket: 'models', key: packageKey(run.model, 'item.json') }, own),
    },
    software: { swath: RELEASE },
    grid: maps.length > 0 ? mapGrid(raster, model.output) : raster,
    rasters: Object.fromEntries(rasters),
    auxiliary: hasNames ? relativeTo(own, mapNamesKey(run)) : null,
    predictions: Array.from({ length: parts }, (_, part) => relativeTo(own, predictionsKey(run, part))),
  });
}

export function relativeTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('../') ? path : `./${path}`;
}
