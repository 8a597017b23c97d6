import { rasterFormat } from '../../raster/rasterFormat.ts';
import { isCodestream, isJp2 } from './boxes.ts';

export const jpeg2000 = rasterFormat(
  'JPEG 2000',
  (head) => (isJp2(head) || isCodestream(head) ? 'yes' : 'no'),
  async (...file) => (await import('./jpeg2000.ts')).openJpeg2000(...file),
  { isFromFront: true },
);
