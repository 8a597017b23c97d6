import type { Service } from '../../console/service.ts';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { makeReadInboxImage, readNoImage } from '../../core/doors/online/inboxImage.ts';
import type { PredictionServerOptions } from '../../server/predictionServer.ts';

export type ServedModels = Pick<
  PredictionServerOptions,
  'models' | 'listVersions' | 'readFile' | 'features' | 'maxImageBytes' | 'counting'
>;

/** What a server of predictions has of a service: its models, the images of its inbox, and where answers are counted. */
export function serviceModels(service: Service): ServedModels {
  const { models, listVersions, requests, readRange, count: send, parameters, now } = service;
  const features = service.featureSource ?? service.features;
  const maxImageBytes = SCENE_LIMITS.maxRecordBytes; // while it is decoded, nobody else is answered
  const inbox = { bucket: service.inboxBucket, prefix: service.inboxPrefix };
  const readInboxImage = makeReadInboxImage({ find: service.findObject, readRange, mostBytes: maxImageBytes, inbox });
  const readFile = requests === null ? readNoImage : readInboxImage;
  const counting = send && { send, share: parameters.onlineSampling, now, shadow: models.shadow };
  return { models, listVersions, readFile, features, maxImageBytes, ...(counting && { counting }) };
}
