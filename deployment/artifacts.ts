import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { build } from 'esbuild';
import { ZipFile } from 'yazl';
import { plugins } from './bundling.ts';
import type { Serverless } from './serverless.ts';

/**
 * Bundles the handler of each function and zips it, with the files that the patterns of its package name, into
 * .serverless/NAME.zip. The same sources give the same bytes, so that what has not changed is not deployed.
 *
 * @param names the functions, by their names in serverless.yml
 */
export async function writeArtifacts({ service, serviceDir }: Serverless, names: string[]): Promise<void> {
  const folder = join(serviceDir, '.serverless');
  mkdirSync(folder, { recursive: true });
  await Promise.all(
    names.map(async (name) => {
      const lambda = service.functions[name]!;
      const handler = lambda.handler.replace(/\.\w+$/, '');
      const files = new Map([
        [`${handler}.cjs`, await bundle(join(serviceDir, `${handler}.ts`), service.provider.runtime)],
      ]);
      for await (const path of glob(lambda.package?.patterns ?? [], { cwd: serviceDir }))
        files.set(path.replaceAll('\\', '/'), readFileSync(join(serviceDir, path)));
      const artifact = join(folder, `${name}.zip`);
      await zip(files, artifact);
      lambda.package = { artifact };
    }),
  );
}

/** @param runtime such as nodejs24.x */
async function bundle(entry: string, runtime: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    legalComments: 'none',
    platform: 'node',
    target: runtime.replace(/js|\.x$/g, ''),
    // CommonJS: where an ES module imports one of Node's own, Node builds all that it exports, of node:http even the whole of fetch.
    format: 'cjs',
    supported: { 'dynamic-import': false }, // for the same reason; it becomes a require, when it is reached
    mainFields: ['module', 'main'], // of packages, the modules that unused parts can be left out of
    external: ['onnxruntime-node'], // native code cannot be bundled; functions/infer/function.yml adds it
    plugins,
  });
  return outputFiles[0]!.contents;
}

async function zip(files: Map<string, Uint8Array>, path: string): Promise<void> {
  const archive = new ZipFile();
  for (const [name, bytes] of files)
    archive.addBuffer(Buffer.from(bytes), name, { mtime: new Date(0), mode: 0o100644 });
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
}
