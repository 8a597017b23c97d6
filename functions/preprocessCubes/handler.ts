import { cubeFormat } from '../../core/scenes/cubes/cubeFormat.ts';
import { preprocessHandler } from '../preprocess/onLambda.ts';

export const handler = preprocessHandler({ cubeFormat });
