import { execFile } from 'node:child_process';
import { cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folderOfArtifacts } from './bundles/keptArtifacts.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** All that deploys; what is only for a laptop is not among it. */
const SERVICE = [
  'aws',
  'charts',
  'core',
  'deployment',
  'functions',
  'observability',
  'report',
  'resources',
  'stepfunctions',
  'serverless.yml',
  'package.json',
  'tsconfig.json',
];

/**
 * Where `sls` keeps the code by which it checks a serverless.yml, under a name that is made of the plugins' schemas: usually in
 * the home. To write it takes a third of a package's processor time.
 */
export const SCHEMA_CACHE = { SLS_SCHEMA_CACHE_BASE_DIR: join(tmpdir(), 'swath-tests-compiled') };

/** What a run of `sls` gets beside its arguments: Node's own options, and what of an environment it needs. */
type Surroundings = { nodeOptions?: string[]; env?: Record<string, string> };

/** It takes a minute at most. After a build that failed it does not end by itself. */
const LONGEST_MILLISECONDS = 10 * 60_000;

/** Runs `sls` with arguments, to its end; answers what it says. */
type Sls = (args: string[], surroundings?: Surroundings) => Promise<string>;

const [KEPT, METAFILES] = ['keptArtifacts', 'metafiles'].map((name) => new URL(`bundles/${name}.ts`, import.meta.url));

/**
 * A copy of the service in `folder`, and `sls` in it: the plugins build in the folder that they are called in, where
 * somebody else may be packaging too. It has a home of its own and nothing of this process's environment: no
 * credentials and no proxy. Artifacts are made once of the same sources, and kept in a folder with what esbuild says of them.
 */
export async function copyService(folder: string): Promise<{ sls: Sls; artifacts: string }> {
  const service = join(folder, 'service');
  const home = join(folder, 'home');
  await Promise.all([mkdir(service), mkdir(home)]);
  const filter = (path: string) => !/\.test\.ts$|vectors\.json/.test(path); // a changed test makes no other artifacts
  for (const name of SERVICE) await cp(join(PROJECT, name), join(service, name), { recursive: true, filter });
  const artifacts = folderOfArtifacts(service, join(PROJECT, 'package-lock.json'));
  await rename(join(service, 'deployment/artifacts.ts'), join(service, 'deployment/madeArtifacts.ts'));
  await writeFile(
    join(service, 'deployment/artifacts.ts'),
    `import { keepArtifacts } from '${KEPT}';
import { metafilesTo } from '${METAFILES}';
import { plugins, writeArtifacts as make } from './madeArtifacts.ts';
const folder = ${JSON.stringify(artifacts)};
plugins.push(metafilesTo(folder));
export const writeArtifacts = keepArtifacts(folder, make);
`,
  );
  await symlink(join(PROJECT, 'node_modules'), join(service, 'node_modules'), 'junction');
  const cli = join('node_modules', 'serverless', 'bin', 'serverless.js');
  const { NODE_COMPILE_CACHE: compiled } = process.env; // a third of what it takes to begin is compiling

  const sls: Sls = async (args, { nodeOptions = [], env = {} } = {}) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...nodeOptions, cli, ...args], {
      cwd: service,
      timeout: LONGEST_MILLISECONDS,
      env: {
        PATH: process.env['PATH'],
        SystemRoot: process.env['SystemRoot'],
        HOME: home,
        USERPROFILE: home,
        TMPDIR: home,
        TEMP: home,
        TMP: home,
        ...(compiled !== undefined && { NODE_COMPILE_CACHE: compiled }),
        ...SCHEMA_CACHE,
        ...env,
      },
    }).catch(({ stdout, stderr, killed }) => {
      throw new Error(`sls ${args[0]} ${killed ? 'did not come to an end' : 'failed'}:\n${stdout}${stderr}`);
    });
    return stdout + stderr;
  };
  return { sls, artifacts };
}
