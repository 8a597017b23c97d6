import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether the system tells what a process and its children take. */
export const canSample = (): boolean => existsSync(`/proc/self/task/${process.pid}/children`);

/** How often the memory is looked at. */
export const SAMPLE_MILLISECONDS = 25;

/**
 * Watches the memory of a process and of all that it has started, all together; what it answers ends it, and says the most
 * that it has seen, in bytes.
 */
export function watchMemory(pid: number): () => { most: number; samples: number } {
  let [most, samples] = [0, 0];
  const look = () => {
    const bytes = memoryOfTree(pid);
    if (bytes === 0) return;
    most = Math.max(most, bytes);
    samples += 1;
  };
  look();
  const timer = setInterval(look, SAMPLE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    return { most, samples };
  };
}

/**
 * What a process and all that it has started have in memory (RSS), in bytes. Pages of files, which are the program's own for
 * the most part, are there once however many processes have them: they count as the one has them that has most.
 */
export function memoryOfTree(pid: number): number {
  const all = treeOf(pid).map(memoryOf);
  return all.reduce((bytes, { own }) => bytes + own, 0) + Math.max(0, ...all.map(({ ofFiles }) => ofFiles));
}

/** Milliseconds of a processor that what a process has started, and is there still, has taken by now, by its id. */
export function processorTimeBelow(pid: number): Map<number, number> {
  return new Map(treeOf(pid).flatMap((one) => (one === pid ? [] : [[one, processorTimeOf(one)]])));
}

/** Milliseconds of a processor that a process and all that it has started have taken by now, whether it is there still or has ended. */
export function processorTimeOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + processorTimeOf(one) + processorTimeOfEnded(one), 0);
}

/** Milliseconds of a processor that a process's children took that have ended by now, with all below them. */
export function processorTimeOfEnded(pid: number): number {
  const [, fields = ''] = readOrNothing(`/proc/${pid}/stat`).split(/\) (?!.*\) )/);
  const [user = 0, system = 0] = fields.split(' ').slice(13, 15).map(Number);
  return ((user + system) * 1000) / TICKS_A_SECOND;
}

/** What Linux counts such times in, on every machine that Node runs on: `getconf CLK_TCK`. */
const TICKS_A_SECOND = 100;

/** A process and all below it. Any of them may end while it is looked at. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function childrenOf(pid: number): number[] {
  // Only the main thread of Node starts processes.
  return readOrNothing(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function memoryOf(pid: number): { own: number; ofFiles: number } {
  const status = readOrNothing(`/proc/${pid}/status`);
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { own: bytes('RssAnon') + bytes('RssShmem'), ofFiles: bytes('RssFile') };
}

/** Of all its threads, to the nanosecond. */
function processorTimeOf(pid: number): number {
  let nanoseconds = 0;
  for (const thread of listOrNothing(`/proc/${pid}/task`))
    nanoseconds += Number(readOrNothing(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  return nanoseconds / 1e6;
}

function listOrNothing(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A file of the system that may not be there, such as one of a process that has ended. */
export function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
