import { docker } from './docker.ts';

/**
 * Kills the processes of a container that run the handler of a Lambda function, and nothing else: not what supervises
 * them, which has the same environment. It writes a line for each.
 */
const SCRIPT = `
for process in /proc/[0-9]*; do
  tr '\\0' '\\n' <$process/environ 2>/dev/null | grep -qx "AWS_LAMBDA_FUNCTION_NAME=$1" || continue
  tr '\\0' '\\n' <$process/cmdline | grep -q -e 'bootstrap.cjs$' -e '^/var/runtime/' || continue
  kill -9 "\${process#/proc/}" && echo killed
done
true`;

/** Kills what runs a function in a container, by its id or name; answers how many processes that were. */
export async function killFunction(container: string, name: string): Promise<number> {
  const output = await docker('exec', container, 'sh', '-c', SCRIPT, 'sh', name);
  return output.match(/^killed$/gm)?.length ?? 0;
}

/** The ids of the containers in which LocalStack, itself in a container of this name, runs a function. */
export async function containersOf(name: string, localStack: string): Promise<string[]> {
  const filter = `name=^/?${localStack}-lambda-${name.toLowerCase()}-`;
  return (await docker('ps', '--quiet', '--filter', filter)).split('\n').filter((id) => id !== '');
}
