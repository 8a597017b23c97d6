import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { build, type Plugin, transform } from 'esbuild';
import { ZipFile } from 'yazl';
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
  const target = { platform: 'node', target: runtime.replace(/js|\.x$/g, ''), minify: true, charset: 'utf8' } as const;
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

/** Keeps unused code out of the bundles: Node reads all imports before a handler's first line, 3 ms for each 100 kB. */

const changed = (name: string, filter: RegExp, change: (text: string, path: string) => string): Plugin => ({
  name,
  setup: ({ onLoad }) =>
    onLoad({ filter }, ({ path }) => ({ contents: change(readFileSync(path, 'utf8'), path), loader: 'default' })),
});

/** Unlike Node, esbuild cannot import a module of WebAssembly: a bundle holds its bytes, compiled when needed; as a text of a letter a byte, which packs better than base64. */
export const webAssemblyInside: Plugin = {
  name: 'WebAssembly inside',
  setup({ onLoad }) {
    const imported = (path: string) => readFileSync(path, 'utf8').replace('import source ', 'import ');
    onLoad({ filter: /\.wasm\.mjs$/ }, ({ path }) => ({ contents: imported(path) }));
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `export default new WebAssembly.Module(Buffer.from(${JSON.stringify(readFileSync(path, 'latin1'))}, 'latin1'));`,
      loader: 'js',
    }));
  },
};

export const plugins: Plugin[] = [
  /** Lambda passes its role's credentials in the environment. The SDK's chain of a dozen other sources takes 110 kB. */
  changed(
    'credentials of the environment',
    /[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/,
    () => "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  ),
  /** A Lambda has no ~/.aws either, where the SDK would look for thirty settings of a client, and build two errors each. */
  changed(
    'settings of the environment',
    /[\\/]node-config-provider[\\/]configLoader\.js$/,
    () => `export function loadConfig({ environmentVariableSelector: select, default: value }, options = {}) {
    let found;
    return () => (found ??= (async () => select(process.env, options) ?? (typeof value === 'function' ? value() : value))());
  }`,
  ),
  /** esbuild keeps fields with computed names, `[_h]`, as if they had effects. By plain ones, 60 kB of S3's schemas go. */
  changed('schemas by name', /[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/, withPlainNames),
  /** The SDK imports these for streams of events and browsers, 10 to 20 kB each; and Node has a decoder of Zstandard. */
  {
    name: 'nothing for later',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^(@smithy\/core\/event-streams|bowser|numcodecs\/zstd)$/ }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: 'node:process', external: true } : undefined,
      ),
  },
  /** esbuild takes making the paginators for an effect, so a function would hold commands that it has no right to. */
  changed('no pages', /[\\/]lib-dynamodb[\\/]dist-es[\\/]pagination[\\/]\w+\.js$/, (text) =>
    text.replace('= createPaginator(', '= /* @__PURE__ */ createPaginator('),
  ),
  /** A report's charts are drawn in linkedom by calls, and written by it: what reads HTML and CSS, selects by CSS and writes them once more takes 190 kB. */
  changed(
    'drawn by calls',
    /[\\/](linkedom[\\/]esm[\\/]shared[\\/]parse-from-string|cssom[\\/]lib[\\/]index|css-select[\\/]lib[\\/]esm[\\/]index|dom-serializer[\\/]lib[\\/]esm[\\/]index)\.js$/,
    () => `const parse = () => { throw new Error('A report reads no HTML.'); };
  export { parse, parse as default, parse as parseFromString, parse as compile, parse as is };
  export const isNotParsing = () => true;`,
  ),
  /** A report's style and the page of the API are files beside the code that reads them: in a bundle stand their texts. */
  changed('texts inside', /[\\/]report[\\/](page[\\/]style|apiPage[\\/]docsRoute)\.ts$/, (code, path) =>
    code.replace(/readFileSync\(new URL\('(.*)', import\.meta\.url\), 'utf8'\)/, (_, name: string) =>
      JSON.stringify(readFileSync(join(dirname(path), name), 'utf8')),
    ),
  ),
  /** proj4 also reads the names of the military grid, 2 kB packed, which nobody asks it for. */
  changed('no grid names', /[\\/]mgrs[\\/]mgrs\.js$/, () => 'export let forward, toPoint; export default forward;'),
  /** Native code cannot be bundled: functions/infer/function.yml adds it. The 25 files around it can. */
  changed('binding beside', /[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/, (text) =>
    text.replace('`../bin/', '`onnxruntime-node/bin/'),
  ),
  /** Zod would compile each schema: 8 ms of a container's first answer, to save microseconds with a row of the ledger. */
  changed(
    'checks without code',
    /[\\/]zod[\\/]v4[\\/]core[\\/]core\.js$/,
    (text) => `${text}
  globalConfig.jitless = true;`,
  ),
  webAssemblyInside,
];

/** A module's text with the value of each constant text in place of the computed names of fields. */
export function withPlainNames(text: string): string {
  const found = text.matchAll(/^const (\w+) = ("[^"\\]*");$/gm);
  const constants = new Map(Array.from(found, ([, name, value]) => [name, value]));
  return text.replace(/\[(\w+)\]:/g, (found, name: string) => {
    const value = constants.get(name);
    return value === undefined ? found : `${value}:`;
  });
}
