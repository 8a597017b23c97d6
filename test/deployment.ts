import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyService } from './packaged/sls.ts';

/** A stand-in takes these as its account's own; it wants some. */
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
export const region = 'us-east-1';

/** A stand-in makes most stacks within a second or two; `sls` would look every five seconds only. */
const LOOK_MILLISECONDS = '500';

export type Parameters = Record<string, string | number>;

export type Deployment = {
  /** `sls deploy` of a stage, with parameters over the defaults; answers what it says. */
  deploy: (stage: string, parameters: Parameters) => Promise<string>;
  /** `sls remove` of a stage; answers what it says. */
  remove: (stage: string) => Promise<string>;
};

/** What leads the AWS clients of another process to a stand-in. */
export const environmentOf = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: region,
});

type Where = {
  /** What `sls` is told besides. */
  environment?: Record<string, string>;
  /** Parameters of each deployment, where it says nothing else. */
  always?: Parameters;
};

/** A copy of the service, to deploy from to an endpoint. */
export async function makeDeployment(endpoint: string, { environment, always }: Where = {}): Promise<Deployment> {
  const temporary = mkdtempSync(join(tmpdir(), 'swath-deployed-'));
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
  const { sls } = await copyService(temporary);
  const env = { ...environmentOf(endpoint), ...environment, SLS_AWS_MONITORING_FREQUENCY: LOOK_MILLISECONDS };
  return {
    deploy: (stage, parameters) => {
      const params = Object.entries({ ...always, ...parameters }).map(([name, value]) => `--param=${name}=${value}`);
      return sls(['deploy', '--stage', stage, '--region', region, ...params], { env });
    },
    remove: (stage) => sls(['remove', '--stage', stage, '--region', region], { env }),
  };
}
