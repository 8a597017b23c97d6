import { apiGatewayHandler } from '../../aws/apiGateway.ts';
import { listKeysIn, readRangeOf } from '../../aws/bucket.ts';
import { coresOf } from '../../aws/cores.ts';
import { featuresOf } from '../../aws/features.ts';
import { findObjectBy } from '../../aws/openObject.ts';
import { sendAnsweredTo } from '../../aws/queues.ts';
import { runtimesOf } from '../../aws/runtimes.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { makeReadInboxImage } from '../../core/doors/online/inboxImage.ts';
import { openModel } from '../../core/inference/predict.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { versionsIn } from '../../core/releases/models.ts';
import { predictStep } from './predict.ts';

const { stage, models, modelsBucket, inboxBucket: bucket, inboxPrefix: prefix, ...ports } = stepPorts();
const { maxRecordBytes: maxImageBytes } = ports.sceneLimits;
const threads = coresOf(process.env);
const hosts = listIn(process.env['API_URL_HOSTS'] ?? '');
const runtimes = runtimesOf(process.env);
const send = sendAnsweredTo(process.env['COUNTS_QUEUE_URL']!, { seconds: 1 });

export const handler = apiGatewayHandler({
  corsOrigins: listIn(process.env['API_CORS_ORIGINS'] ?? ''),
  answer: predictStep({
    stage,
    models,
    listVersions: versionsIn(listKeysIn(modelsBucket)),
    openEngine: async (model, bytes) => {
      const { scores } = await openModel(model, async () => bytes, { runtimes, threads });
      return { run: (batch) => scores(batch, 0, batch.chips) };
    },
    readFile: makeReadInboxImage({
      find: findObjectBy(),
      readRange: readRangeOf(),
      mostBytes: maxImageBytes,
      inbox: { bucket, prefix },
    }),
    features: featuresOf(ports),
    readUrl: async (...given) => (await import('../../aws/readUrl.ts')).makeReadUrl({ hosts })(...given),
    maxImageBytes,
    counting: { send, share: ports.onlineSampling, now: ports.now },
  }),
});
