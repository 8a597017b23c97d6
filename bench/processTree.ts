import { existsSync, readFileSync } from 'node:fs';

/** Whether the system tells what a process and its children take. */
export const canSample = (): boolean => existsSync(`/proc/self/task/${process.pid}/children`);

/** How often the memory is looked at. */
export const SAMPLE_MILLISECONDS = 25;

/**
 * Watches the memory (RSS) of a process and of all that it has started, all together; what it answers ends it, and says
 * the most that it has seen, in bytes. Pages that two of the processes share are counted twice.
 */
export function watchMemory(pid: number): () => { most: number; samples: number } {
  let [most, samples] = [0, 0];
  const look = () => {
    const sum = treeOf(pid).reduce((bytes, one) => bytes + rssOf(one), 0);
    if (sum === 0) return;
    most = Math.max(most, sum);
    samples += 1;
  };
  look();
  const timer = setInterval(look, SAMPLE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    return { most, samples };
  };
}

/** A process and all below it. Any of them may end while it is looked at. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function childrenOf(pid: number): number[] {
  // Only the main thread of Node starts processes.
  return readOrNothing(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

export function rssOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) * 1024;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
