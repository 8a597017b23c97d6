#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
// The code is TypeScript and needs the Node that this project installs (the package `node`);
// the Node that runs this file only has to find it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const [major] = process.versions.node.split('.').map(Number);

if (major >= NEEDED) {
  // Compiling takes a third of a short command's time. Workers find the cache through the environment.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
  module.enableCompileCache?.();
  const { main } = await import('./main.ts');
  await main(process.argv);
} else {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(
      `swath needs Node ${NEEDED}, and this is ${process.version}. Run "npm ci" in its folder to install it.`,
    );
    process.exit(2);
  }
  // As in `npm start`: a young generation of over 100 MB would mostly hold garbage.
  const ownArguments = ['--max-semi-space-size=4', fileURLToPath(import.meta.url)];
  const child = spawn(node, [...ownArguments, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
