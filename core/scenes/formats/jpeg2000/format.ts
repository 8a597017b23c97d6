import { rasterFormat } from '../../raster/rasterFormat.ts';
import { isCodestream, isJp2 } from './boxes.ts';
import { openJpeg2000 } from './jpeg2000.ts';

export const jpeg2000 = rasterFormat(
  'JPEG 2000',
  (head) => (isJp2(head) || isCodestream(head) ? 'yes' : 'no'),
  openJpeg2000,
  { isFromFront: true },
);
