import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Has a process of ours end when this one does, however that ends, by `kill -9` too: one in the middle of native code would
 * not notice, and go on for ever. A shell waits at a pipe that this process holds open, and the system closes.
 */
export function doNotOutlive(child: ChildProcess): void {
  if (child.pid === undefined) return; // it has not even started
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$0"', String(child.pid)], {
    detached: true, // Ctrl-C is not meant for it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {}); // without a shell there is no guard
  guard.stdin.on('error', () => {});
  child.once('exit', () => guard.kill('SIGKILL')); // the id may be another's soon
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}
