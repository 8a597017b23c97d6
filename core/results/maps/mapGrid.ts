import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { RunRef } from '../../base/messages.ts';
import type { Layer, MapName } from '../../package/layer.ts';
import type { ModelOutput } from '../../package/outputLayout.ts';
import type { GeoKeys } from '../../scenes/raster/raster.ts';
import type { RasterInfo } from '../../scenes/raster/rasterInfo.ts';
import type { CogSpec } from './cog/cogSpec.ts';

/** Returns the grid of a run's maps: the scene's own or, for super-resolution, a finer one over the same area. */
export function mapGrid<Of extends Pick<RasterInfo, 'width' | 'height' | 'transform'>>(scene: Of, { pixels }: Pixels) {
  const { upscaling = 1 } = pixels ?? {};
  if (upscaling === 1) return scene;
  const { width, height, transform } = scene;
  const finer = { ...scene, width: width * upscaling, height: height * upscaling };
  if (!transform) return finer;
  const [x, right, down, y, rightY, downY] = transform;
  return { ...finer, transform: [x, right / upscaling, down / upscaling, y, rightY / upscaling, downY / upscaling] };
}

type Pixels = Pick<ModelOutput, 'pixels'>;

export function windowInMap({ x, y, width, height }: RasterWindow, { pixels }: Pixels): RasterWindow {
  const { upscaling = 1 } = pixels ?? {};
  return { x: x * upscaling, y: y * upscaling, width: width * upscaling, height: height * upscaling };
}

/** Returns the specification of a run's map with these layers: where its scene lies, and what its values mean. */
export function mapSpec(
  { width, height, transform, geoKeys }: RasterInfo,
  layers: readonly Layer[],
  map: MapName,
  { id, model, scene }: Pick<RunRef, 'id' | 'model' | 'scene'>,
): CogSpec {
  const bands = layers.filter((layer) => layer.map === map);
  const [{ dataType, nodata, resampling, classes }] = bands as [Layer, ...Layer[]];
  const hasPalette = classes !== undefined && (dataType === 'uint8' || dataType === 'uint16');
  return {
    width,
    height,
    dataType,
    nodata,
    resampling,
    bands,
    transform: transform ?? null,
    geoKeys: geoKeys === undefined ? null : (geoKeys as GeoKeys),
    ...(hasPalette && { palette: classes.map(({ value, colour }) => ({ value, colour })) }),
    metadata: { SWATH_RUN: id, SWATH_MODEL: `${model.name}/${model.version}`, SWATH_SCENE: scene.key },
  };
}
