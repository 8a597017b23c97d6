// Runs after `npm ci`: removes what onnxruntime-node brings for other platforms, and the headers that come with Node, together
// 300 MB. Lambda runs linux/x64, so that stays everywhere.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const kept = ['linux/x64', `${process.platform}/${process.arch}`];
const remove = (path) => rmSync(path, { recursive: true, force: true });

const runtimes = join(modules, 'onnxruntime-node/bin');
for (const abi of foldersIn(runtimes))
  for (const platform of foldersIn(join(runtimes, abi)))
    for (const arch of foldersIn(join(runtimes, abi, platform)))
      if (!kept.includes(`${platform}/${arch}`)) remove(join(runtimes, abi, platform, arch));

const nodes = join(modules, 'node/node_modules');
for (const name of foldersIn(nodes)) remove(join(nodes, name, 'include'));

function foldersIn(path) {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  } catch {
    return []; // not installed
  }
}
