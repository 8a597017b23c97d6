import { zarr } from '../../core/scenes/cubes/zarr.ts';
import { preprocessHandler } from '../preprocess/onLambda.ts';

export const handler = preprocessHandler({ zarr: [zarr] });
