import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { build, type Plugin, transform } from 'esbuild';
import { ZipFile } from 'yazl';
import { plugins } from './bundling.ts';
import type { Serverless } from './serverless.ts';

export type Sources = Pick<Serverless, 'serviceDir'> & {
  service: Pick<Serverless['service'], 'functions'> & { provider: { runtime: string } };
};

/** Bundles handlers, with the files of their patterns, into .serverless/NAME.zip: same bytes for the same sources. */
export async function writeArtifacts({ service, serviceDir }: Sources, names: string[]): Promise<void> {
  const folder = join(serviceDir, '.serverless');
  mkdirSync(folder, { recursive: true });
  await Promise.all(
    names.map(async (name) => {
      const lambda = service.functions[name]!;
      const entry = lambda.handler.replace(/\.\w+$/, '.ts');
      const files = new Map<string, Uint8Array>();
      for (const [file, bytes] of await bundle(join(serviceDir, entry), service.provider.runtime))
        files.set(`${dirname(entry)}/${file}`, bytes);
      for await (const path of glob(lambda.package?.patterns ?? [], { cwd: serviceDir }))
        files.set(path.replaceAll('\\', '/'), readFileSync(join(serviceDir, path)));
      const artifact = join(folder, `${name}.zip`);
      await zip(files, artifact);
      lambda.package = { artifact };
    }),
  );
}

/**
 * What is imported when it is needed is a file of its own, which Node reads only then. A client in aws/apart is a bundle of its own as well,
 * which shares nothing: what it shares would cut what each start reads into many files. Nor does it share classes, of errors for instance.
 */
async function bundle(entry: string, runtime: string): Promise<Map<string, Uint8Array>> {
  const apart = new Set<string>();
  const leaveApart: Plugin = {
    name: 'apart',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\/apart\/\w+\.ts$/ }, ({ path, resolveDir, kind }) => {
        if (kind !== 'dynamic-import') return undefined;
        apart.add(join(resolveDir, path));
        return { path: `./${basename(path, '.ts')}.cjs`, external: true };
      }),
  };
  const target = { platform: 'node', target: runtime.replace(/js|\.x$/g, ''), minify: true } as const;
  const { outputFiles } = await build({
    ...target,
    entryPoints: [entry],
    bundle: true,
    splitting: true, // which esbuild does for ES modules alone
    format: 'esm',
    outdir: dirname(entry),
    outExtension: { '.js': '.cjs' },
    write: false,
    legalComments: 'none',
    mainFields: ['module', 'main'], // of packages, the modules that unused parts can be left out of
    plugins: [leaveApart, ...plugins],
  });
  // CommonJS: where an ES module imports one of Node's own, Node builds all that it exports, of node:http even the whole of fetch.
  const options = { ...target, format: 'cjs', supported: { 'dynamic-import': false } } as const;
  const files = outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, options);
    return [basename(path), new TextEncoder().encode(code)] as const;
  });
  const others = await Promise.all([...apart].map((one) => bundle(one, runtime)));
  return new Map([...(await Promise.all(files)), ...others.flatMap((one) => [...one])]);
}

async function zip(files: Map<string, Uint8Array>, path: string): Promise<void> {
  const archive = new ZipFile();
  for (const [name, bytes] of files)
    archive.addBuffer(Buffer.from(bytes), name, { mtime: new Date(0), mode: 0o100644, compressionLevel: 8 });
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
}
