import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Makes a child end when this process does, even by `kill -9`: a shell waits at a pipe that the system closes then. All of a group has 5 s to end in order. */
export function doNotOutlive(child: ChildProcess, isGroup = false): void {
  if (child.pid === undefined) return; // it did not start
  const kill = `${isGroup ? 'kill -TERM "$0"; sleep 5; ' : ''}kill -9 "$0"`;
  const guard = spawn('/bin/sh', ['-c', `read -r _; ${kill}`, String(isGroup ? -child.pid : child.pid)], {
    detached: true, // so that Ctrl-C does not reach it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {}); // without a shell there is no guard
  guard.stdin.on('error', () => {});
  child.once('exit', () => guard.kill('SIGKILL')); // the process id may be reused soon
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}
