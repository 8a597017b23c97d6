import { counted } from './format.ts';

export const missingText = (missing: number): string =>
  `For ${counted(missing, 'chip')}, the model has no finite output where there is data, so ${missing === 1 ? 'it has' : 'they have'} no prediction.`;
