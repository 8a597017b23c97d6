import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resolveTemplate, type Template } from './template.ts';

/** The service as it would be deployed. */
export type Packaged = {
  /** The CloudFormation templates of both stacks as one, with every reference resolved. */
  template: Template;
  /** The one of what outlives the other stack. */
  storage: Template;
  /** The zip of a function. */
  artifact: (name: string) => Promise<Buffer>;
  /** A folder for this process alone, gone when it ends. */
  temporary: string;
};

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** All that deploys; what is only for a laptop is not among it. */
const SERVICE = [
  'deployment',
  'functions',
  'observability',
  'resources',
  'stepfunctions',
  'serverless.yml',
  'package.json',
  'tsconfig.json',
];

/**
 * Runs `sls package` without credentials, a home or a network, on a copy of the service: the plugins build in the folder
 * that they are called in, where somebody else may be packaging too.
 */
export async function packageService(): Promise<Packaged> {
  const temporary = mkdtempSync(join(tmpdir(), 'swath-packaged-'));
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
  const [service, home, out] = ['service', 'home', 'out'].map((name) => join(temporary, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([mkdir(service), mkdir(home)]);
  for (const name of SERVICE) await cp(join(PROJECT, name), join(service, name), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(service, 'node_modules'), 'junction');
  const noNetwork = ['--import', new URL('noNetwork.ts', import.meta.url).href];
  const sls = join('node_modules', 'serverless', 'bin', 'serverless.js');
  await promisify(execFile)(process.execPath, [...noNetwork, sls, 'package', '--package', out], {
    cwd: service,
    env: {
      PATH: process.env['PATH'],
      SystemRoot: process.env['SystemRoot'],
      HOME: home,
      USERPROFILE: home,
      TMPDIR: home,
      TEMP: home,
      TMP: home,
    },
  }).catch(({ stdout, stderr }) => {
    throw new Error(`sls package failed:\n${stdout}${stderr}`);
  });
  const read = async (stack: string) =>
    resolveTemplate(JSON.parse(await readFile(join(out, `cloudformation-template-${stack}.json`), 'utf8')));
  const [main, storage] = await Promise.all([read('update-stack'), read('storage')]);
  return {
    template: { ...main, Resources: { ...main.Resources, ...storage.Resources } },
    storage,
    artifact: (name) => readFile(join(out, `${name}.zip`)),
    temporary,
  };
}
