import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { readMetafile } from './bundles/metafiles.ts';
import { copyService } from './sls.ts';
import { resolveTemplate, type Template } from './template.ts';
import { readZip } from './zip.ts';

/** What CloudFormation is given. */
export type Templates = {
  /** The CloudFormation templates of both stacks as one, with every reference resolved. */
  template: Template;
  /** The one of what outlives the other stack. */
  storage: Template;
  /** The one that a stage begins with: the bucket that the others' artifacts are put into. */
  created: Template;
};

/** The service as it would be deployed. */
export type Packaged = Templates & {
  /** The zip of a function. */
  artifact: (name: string) => Promise<Buffer>;
  /** The text of its bundle. */
  bundle: (name: string) => Promise<string>;
  /** What esbuild says of its bundle. */
  metafile: (name: string) => Promise<Metafile>;
  /** A folder for this process alone, gone when it ends. */
  temporary: string;
};

const EMPTY_ARTIFACTS = new URL('bundles/emptyArtifacts.ts', import.meta.url);

/** Of the parameters by which everything deploys that there is, those that alarms and panels depend on. */
export const WITH_OBSERVED = {
  alarmWebhook: '/swath/dev/alarm-webhook',
  arrivalsWindowSeconds: '60',
  requests: 'true',
  feedSchedule: 'rate(15 minutes)',
  redshift: 'workgroup:analytics',
  api: 'true',
  promotionGate: 'min_agreement=0.5,min_chips=1',
  assetEndpoints: 'eodata=https://eodata.dataspace.copernicus.eu',
  featureSource: 's3://swath-lake/lake/',
};

/** The parameters of jobs, on instances with a GPU. */
export const JOBS = {
  batchImage: `123456789012.dkr.ecr.us-east-1.amazonaws.com/swath@sha256:${'0a'.repeat(32)}`,
  batchGpus: '1',
  batchSubnets: 'subnet-0a1b2c3d,subnet-1a1b2c3d',
  batchSecurityGroups: 'sg-0a1b2c3d',
};

/** With which parameters everything deploys that there is. */
export const WITH_ALL = {
  ...WITH_OBSERVED,
  ...JOBS,
  modelWatch: 'mlflow:drought@champion',
  mlflowTrackingUri: 'https://mlflow.example.org',
  mlflowSecret: '/swath/dev/mlflow',
  feedTopics: 'arn:aws:sns:us-west-2:608149789419:cirrus-es-prod-publish',
  feedTopicCollections: 'sentinel-2-l2a',
  endpointHosts: 'sagemaker:forage',
  endpointSecret: '/swath/dev/endpoints',
  assetSecret: '/swath/dev/assets',
};

/** Runs `sls package` without credentials, a home or a network, on a copy of the service. */
export async function packageService(parameters: Record<string, string> = WITH_ALL): Promise<Packaged> {
  const { temporary, out, templates, artifacts } = await runPackage(parameters);
  const artifact = (name: string) => readFile(join(out, `${name}.zip`));
  const bundle = async (name: string) => {
    const own = readZip(await artifact(name)).filter((entry) => entry.name.startsWith(`functions/${name}/`));
    return own.map((entry) => entry.bytes().toString()).join('\n');
  };
  return { ...templates, artifact, bundle, metafile: (name) => readMetafile(artifacts, name), temporary };
}

/** The templates alone of the service with other parameters, on which no bundle depends: none is made, as that takes half the time. */
export async function templatesWith(parameters: Record<string, string>): Promise<Templates> {
  return (await runWithoutBundles(parameters)).templates;
}

/** The folder, gone when this process ends, of these templates as they are given to CloudFormation. */
export async function templateFilesWith(parameters: Record<string, string>): Promise<string> {
  return (await runWithoutBundles(parameters)).out;
}

const runWithoutBundles = (parameters: Record<string, string>) =>
  runPackage(parameters, (folder) => copyFile(EMPTY_ARTIFACTS, join(folder, 'service/deployment/artifacts.ts')));

const made: string[] = [];
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** @param change what is done to the copy of the service in the folder given, which is gone when this process ends */
async function runPackage(parameters: Record<string, string>, change = async (_temporary: string) => {}) {
  const temporary = mkdtempSync(join(tmpdir(), 'swath-packaged-'));
  made.push(temporary);
  const out = join(temporary, 'out');
  const { sls, artifacts } = await copyService(temporary);
  await change(temporary);
  const given = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  await sls(['package', '--package', out, ...given], {
    nodeOptions: ['--import', new URL('noNetwork.ts', import.meta.url).href],
  });
  const read = async (stack: string) =>
    resolveTemplate(JSON.parse(await readFile(join(out, `cloudformation-template-${stack}.json`), 'utf8')));
  const [main, storage, created] = await Promise.all([read('update-stack'), read('storage'), read('create-stack')]);
  const template = { ...main, Resources: { ...withoutHashes(main), ...storage.Resources } };
  return { temporary, out, artifacts, templates: { template, storage, created } };
}

/** The resources of a template; a function's version has a hash of its code in its id, which is left out. */
function withoutHashes({ Resources }: Template): Template['Resources'] {
  const named = Object.entries(Resources).map(([id, resource]) => {
    const isVersion = resource.Type === 'AWS::Lambda::Version';
    return [isVersion ? id.replace(/(?<=LambdaVersion).*/, '') : id, resource] as const;
  });
  return Object.fromEntries(named);
}
