import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../benches/certificate.ts';
import { credentials } from '../deployment.ts';
import { freePort } from '../freePort.ts';

const MENDED = fileURLToPath(new URL('mendMinistack.py', import.meta.url));
const UP_SECONDS = 60;
const STOP_MILLISECONDS = 10_000;
/** Lines of what ministack says went wrong, for whoever reads why a test failed. */
const TROUBLES_TOLD = 60;

export type Ministack = {
  /** Where all of its services are to be had. */
  endpoint: string;
  /** What leads the AWS clients of another process there. */
  environment: Record<string, string>;
  stop: () => Promise<void>;
};

/**
 * Why nothing can be tested on ministack here, a stand-in for AWS that is a Python package; false where it can.
 *
 * @throws Error where it must: SWATH_ATHENA is `required`
 */
export function reasonToSkip(modules: readonly string[]): string | false {
  const { status } = spawnSync('python3', ['-c', `import ${modules.join(', ')}`]);
  if (status === 0) return false;
  const why = `there is no python3 with ${modules.join(', ')}`;
  if (process.env['SWATH_ATHENA'] === 'required') throw new Error(`SWATH_ATHENA is "required", and ${why}.`);
  return why;
}

type Options = {
  isStrict: boolean;
  /** What its functions inherit besides. */
  environment?: Record<string, string>;
};

/**
 * Starts ministack on this machine. Where it is strict, it is mended, asked by TLS alone, and holds every caller to the policies of
 * its role.
 */
export async function startMinistack({ isStrict, environment = {} }: Options): Promise<Ministack> {
  const folder = mkdtempSync(join(tmpdir(), 'swath-ministack-'));
  const [log, cert, key] = ['ministack.log', 'cert.pem', 'key.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const port = await freePort();
  const env: NodeJS.ProcessEnv = {
    // Functions inherit it: of this process's own, there is what finds Python and the Node that runs the tests.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(HOME|PY\w*|LD_LIBRARY_PATH)$/.test(name))),
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    TMPDIR: folder,
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    IOT_MTLS_ENABLED: '0',
    ...environment,
  };
  const trust: Record<string, string> = isStrict ? { NODE_EXTRA_CA_CERTS: cert } : {};
  if (isStrict) {
    const certificate = selfSigned();
    writeFileSync(cert, certificate.cert);
    writeFileSync(key, certificate.key);
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate.cert]);
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = credentials;
    const tlsOnly = { USE_SSL: '1', MINISTACK_SSL_CERT: cert, MINISTACK_SSL_KEY: key };
    Object.assign(env, trust, tlsOnly, { AUTH: 'true', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  }
  const server = spawn('python3', isStrict ? [MENDED] : ['-m', 'ministack'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  for (const stream of [server.stdout, server.stderr]) stream.pipe(createWriteStream(log, { flags: 'a' }));
  const endpoint = `http${isStrict ? 's' : ''}://127.0.0.1:${port}`;

  async function stop(): Promise<void> {
    const ended = server.exitCode === null ? once(server, 'exit') : Promise.resolve();
    server.kill();
    await Promise.race([ended, pause(STOP_MILLISECONDS, undefined, { ref: false }).then(kill)]);
    process.off('exit', kill);
    const errors = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => / (ERROR|CRITICAL) |^\w*(Error|Exception)\b/.test(line));
    if (errors.length > 0) console.log(['ministack says:', ...errors.slice(-TROUBLES_TOLD)].join('\n'));
    rmSync(folder, { recursive: true, force: true });
  }

  for (const end = Date.now() + UP_SECONDS * 1000; Date.now() < end && server.exitCode === null; await pause(100)) {
    const isUp = await fetch(`${endpoint}/_ministack/health`).then(
      () => true,
      () => false,
    );
    if (isUp) return { endpoint, environment: trust, stop };
  }
  const said = readFileSync(log, 'utf8');
  await stop();
  throw new Error(`ministack did not come up:\n${said}`);
}
