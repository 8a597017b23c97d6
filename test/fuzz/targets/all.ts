import type { Target } from '../target.ts';
import { answeredFile, answeredMessage } from './answered.ts';
import { archivedScenes } from './archivedScenes.ts';
import { archives } from './archives.ts';
import { areas } from './areas.ts';
import { arrays } from './arrays.ts';
import { exports } from './exports.ts';
import { expression } from './expression.ts';
import { hdf5Files } from './hdf5Files.ts';
import { httpRequest } from './http.ts';
import { cause, deadLetter, message } from './messages.ts';
import { key, versions } from './names.ts';
import { openInferenceBody } from './openInference.ts';
import { card, item, onnx, promoted, reference, serving } from './packages.ts';
import { products } from './products.ts';
import { geotiff, images, jpeg2000 } from './rasters.ts';
import { example, tfrecord } from './records.ts';
import { requestFile, requestMessage } from './requests.ts';
import { realScenes, smallScenes } from './scenes.ts';
import { stacItems } from './stacItems.ts';
import { csvTables, parquetTables } from './tables.ts';
import { tableOfTruths, truthsMessage } from './truths.ts';
import { zarrStores } from './zarrStores.ts';

/**
 * All that reads bytes which are not our own. Prepared parts and predictions are not among them: only our own functions may
 * write into the results bucket.
 */
export const TARGETS: readonly Target[] = [
  tfrecord,
  example,
  exports,
  csvTables,
  parquetTables,
  archives,
  archivedScenes,
  requestFile,
  requestMessage,
  httpRequest,
  openInferenceBody,
  answeredFile,
  answeredMessage,
  truthsMessage,
  tableOfTruths,
  stacItems,
  areas,
  zarrStores,
  hdf5Files,
  products,
  arrays,
  geotiff,
  images,
  jpeg2000,
  smallScenes,
  realScenes,
  item,
  reference,
  promoted,
  serving,
  onnx,
  card,
  expression,
  message,
  deadLetter,
  cause,
  key,
  versions,
];
