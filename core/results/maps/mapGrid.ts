import type { RasterWindow } from '../../arrays/window.ts';
import type { ModelOutput } from '../../package/outputLayout.ts';
import type { RasterInfo } from '../../scenes/raster/rasterInfo.ts';

/** Returns the grid of a run's maps: the scene's own or, for super-resolution, a finer one over the same area. */
export function mapGrid<Grid extends Pick<RasterInfo, 'width' | 'height' | 'transform'>>(
  scene: Grid,
  { pixels }: Pick<ModelOutput, 'pixels'>,
): Grid {
  const { upscaling = 1 } = pixels ?? {};
  if (upscaling === 1) return scene;
  const { width, height, transform } = scene;
  const finer = { ...scene, width: width * upscaling, height: height * upscaling };
  if (!transform) return finer;
  const [x, right, down, y, rightY, downY] = transform;
  return {
    ...finer,
    transform: [x, right / upscaling, down / upscaling, y, rightY / upscaling, downY / upscaling],
  };
}

/** Returns where a window of the scene is in its maps. */
export function windowInMap(
  { x, y, width, height }: RasterWindow,
  { pixels }: Pick<ModelOutput, 'pixels'>,
): RasterWindow {
  const { upscaling = 1 } = pixels ?? {};
  return { x: x * upscaling, y: y * upscaling, width: width * upscaling, height: height * upscaling };
}
