import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Server, startServer } from '../load/servers.ts';

const run = promisify(execFile);
const ofThisFolder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Python with what the peer runs on, or why there is none. */
export type Installed = { python: string } | { missing: string };

/**
 * Makes an environment of Python in a folder, with the packages of requirements.txt in exactly those versions, by `pip`.
 *
 * @param command how Python is called here
 */
export async function installPeer(folder: string, command = 'python3'): Promise<Installed> {
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
    await run(python, [...install, '--requirement', ofThisFolder('requirements.txt')]);
    return { python };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const said = (stderr || message).trim().split('\n');
    return { missing: said.at(-1)! };
  }
}

/** Starts the peer with some packages, by their folders `name/version`. */
export function startPeer(python: string, packages: readonly string[], cores?: readonly number[]): Promise<Server> {
  return startServer(python, [ofThisFolder('server.py'), '0', ...packages], cores === undefined ? {} : { cores });
}
