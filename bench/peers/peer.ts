import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Server, startServer } from '../load/servers.ts';
import { processorTimeOfEnded } from '../processTree.ts';

const run = promisify(execFile);
const ofThisFolder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Python with what the peer runs on, or why there is none. */
export type Installed = { python: string } | { missing: string };

/**
 * Makes an environment of Python in a folder, with the packages of a file here in exactly those versions, by `pip`.
 *
 * @param command how Python is called here
 */
export async function installPeer(
  folder: string,
  command = 'python3',
  requirements = 'requirements.txt',
): Promise<Installed> {
  const environment = join(folder, 'python');
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  try {
    await run(command, ['-m', 'venv', environment]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary',
      ':all:',
    ];
    await run(python, [...install, '--requirement', ofThisFolder(requirements)]);
    return { python };
  } catch (error) {
    return { missing: whyOf(error) };
  }
}

/**
 * Builds the server in Rust in a folder, with the packages of Cargo.lock.
 *
 * @param command how Cargo is called here
 */
export async function buildLimit(
  folder: string,
  command = 'cargo',
): Promise<{ program: string } | { missing: string }> {
  const target = join(folder, 'rust');
  const manifest = ofThisFolder('rust/Cargo.toml');
  try {
    await run(command, ['build', '--release', '--locked', '--manifest-path', manifest, '--target-dir', target]);
    return { program: join(target, 'release', 'rust-peer') };
  } catch (error) {
    return { missing: whyOf(error) };
  }
}

/** Starts the server in Rust, on the onnxruntime that Swath has. */
export function startLimit(program: string, packages: readonly string[]): Promise<Server> {
  const onnxruntime = dirname(fileURLToPath(import.meta.resolve('onnxruntime-node')));
  const library = join(onnxruntime, '..', 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime.so.1');
  return startServer(program, ['0', library, ...packages]);
}

function whyOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim().split('\n').at(-1)!;
}

/** Starts the peer with some packages, by their folders `name/version`; of texts, there is one by FastAPI as well. */
export function startPeer(python: string, packages: readonly string[], server = 'server.py'): Promise<Server> {
  return startServer(python, [ofThisFolder(server), '0', ...packages]);
}

/** Has the peer of rasters make a scene's map, with so many threads; answers what it took of a processor. */
export async function mapByPeer(python: string, model: string, scene: string, map: string, threads: number) {
  const before = processorTimeOfEnded(process.pid);
  await run(python, [ofThisFolder('raster.py'), model, scene, map, `${threads}`]);
  return { cpuMilliseconds: processorTimeOfEnded(process.pid) - before };
}
