import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { JOBS, templateFilesWith, WITH_ALL } from './package.ts';

/** `node test/packaged/variants.ts FOLDER`: the templates for each parameter that adds resources, for none and for all, to be linted. */

const { modelWatch, mlflowTrackingUri, mlflowSecret } = WITH_ALL;
const VARIANTS: Record<string, Record<string, string>> = {
  none: {},
  alarmWebhook: { alarmWebhook: WITH_ALL.alarmWebhook },
  arrivalsWindowSeconds: { arrivalsWindowSeconds: WITH_ALL.arrivalsWindowSeconds },
  requests: { requests: 'true' },
  api: { api: 'true', apiCorsOrigins: 'https://maps.example.org' },
  modelWatch: { modelWatch, mlflowTrackingUri, mlflowSecret },
  // Together: each adds nothing that another's resources could name.
  sqlTables: {
    sqlTables: 'false',
    throwAway: 'true',
    endpointHosts: 'models.example.org,sagemaker:eu-west-1/forage',
    endpointSecret: WITH_ALL.endpointSecret,
  },
  feedSchedule: { feedSchedule: WITH_ALL.feedSchedule },
  redshift: { redshift: 'cluster:warehouse-1/earth' },
  serverRoles: { serverRoles: 'arn:aws:iam::111122223333:role/server' },
  inboxBucket: { inboxBucket: 'an-inbox' },
  batch: { ...JOBS, batchGpus: '0' },
  all: { ...WITH_ALL, apiCorsOrigins: 'https://maps.example.org' },
};
const AT_ONCE = 2;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Where to? Give a folder.');
  process.exit(2);
}
const packaged = inOrder(Object.entries(VARIANTS), AT_ONCE, async ([name, parameters]) => {
  await cp(await templateFilesWith(parameters), join(folder, name), {
    recursive: true,
    filter: (path) => !path.endsWith('.zip'),
  });
  console.log(name);
});
for await (const _ of packaged);
