import type { Service } from '../../console/service.ts';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { makeReadInboxImage, readNoImage } from '../../core/doors/online/inboxImage.ts';
import type { OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import type { PredictorOptions } from '../../core/doors/online/predictor.ts';

/** The part of a running service that predictions over HTTP need: its models, and the images of its inbox. */
export function serviceModels(
  service: Pick<Service, 'models' | 'listVersions' | 'requests' | 'readRange' | 'inboxPrefix'>,
): OnlineModelsPorts & Omit<PredictorOptions, 'readUrl'> {
  const { models, listVersions, requests, readRange, inboxPrefix: prefix } = service;
  const maxImageBytes = SCENE_LIMITS.maxRecordBytes; // while it is decoded, nobody else is answered
  const readFile =
    requests === null
      ? readNoImage
      : makeReadInboxImage({
          find: requests.find,
          readRange,
          mostBytes: maxImageBytes,
          inbox: { bucket: requests.inboxBucket, prefix },
        });
  return { models, listVersions, readFile, maxImageBytes };
}
