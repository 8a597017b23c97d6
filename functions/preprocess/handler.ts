import { preprocessHandler } from './onLambda.ts';

export const handler = preprocessHandler();
