import { getContainerRuntimeClient } from 'testcontainers';

/** A container in which a command can be run. */
type Place = { exec: (command: string[]) => Promise<{ output: string }> };

/**
 * Kills the processes of a container that run the handler of a Lambda function, and nothing else: not what supervises
 * them, which has the same environment. It writes a line for each.
 */
const SCRIPT = `
for process in /proc/[0-9]*; do
  tr '\\0' '\\n' <$process/environ 2>/dev/null | grep -qx "AWS_LAMBDA_FUNCTION_NAME=$1" || continue
  tr '\\0' '\\n' <$process/cmdline | grep -q -e 'bootstrap.cjs$' -e '^/var/runtime/' || continue
  kill -9 "\${process#/proc/}" && echo killed
done`;

/** Kills what runs a function in a container; answers how many processes that were. */
export async function killFunction(place: Place, name: string): Promise<number> {
  const { output } = await place.exec(['sh', '-c', SCRIPT, 'sh', name]);
  return output.match(/^killed$/gm)?.length ?? 0;
}

/** The containers in which LocalStack, itself in a container, runs a function. */
export async function containersOf(name: string, localStack: string): Promise<Place[]> {
  const { container: containers } = await getContainerRuntimeClient();
  const prefix = `${localStack.replace(/^\//, '')}-lambda-${name.toLowerCase()}-`;
  const found = (await containers.list()).filter(({ Names }) => Names.some((one) => one.slice(1).startsWith(prefix)));
  return found.map(({ Id }) => ({ exec: (command) => containers.exec(containers.getById(Id), command) }));
}
