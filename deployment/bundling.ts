import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Keeps unused code out of the bundles, because it makes cold starts slower: before the first line of a handler runs, Node reads
 * all that it imports at its start, 3 ms for each 100 kB.
 */

const changed = (name: string, filter: RegExp, change: (text: string, path: string) => string): Plugin => ({
  name,
  setup: ({ onLoad }) =>
    onLoad({ filter }, ({ path }) => ({ contents: change(readFileSync(path, 'utf8'), path), loader: 'default' })),
});

/** Lambda passes its role's credentials in the environment. The SDK's chain of a dozen other sources takes 110 kB. */
const credentialsOfEnvironment = changed(
  'credentials of the environment',
  /[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/,
  () => "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
);

/**
 * A Lambda has no ~/.aws either. The SDK would look there for each of a client's thirty settings that the environment does not
 * have, and build two errors with their stacks for it.
 */
const settingsOfEnvironment = changed(
  'settings of the environment',
  /[\\/]node-config-provider[\\/]configLoader\.js$/,
  () => `export function loadConfig({ environmentVariableSelector: select, default: value }, options = {}) {
    let found;
    return () => (found ??= (async () => select(process.env, options) ?? (typeof value === 'function' ? value() : value))());
  }`,
);

/**
 * A client's file of schemas describes each of its operations, with computed names of fields: `[_h]` where `const _h = "http"`.
 * esbuild cannot know that computing them has no effect, and keeps all. By their values, those unused go: 60 kB of S3's.
 */
const schemasByName = changed('schemas by name', /[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/, withPlainNames);

/**
 * What the SDK imports when it meets an operation with a stream of events, or a browser, of which there are none here: 10 to
 * 20 kB each. So is a decoder of Zstandard of 240 kB, as Node has one. A module of Node's own takes their place.
 */
const nothingForLater: Plugin = {
  name: 'nothing for later',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(@smithy\/core\/event-streams|bowser|numcodecs\/zstd)$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'node:process', external: true } : undefined,
    ),
};

/**
 * The document client's library offers to turn the pages of a query or a scan. It makes what does so while it is loaded, which
 * esbuild takes for an effect, so that a function would hold both commands that has no right to either.
 */
const noPages = changed('no pages', /[\\/]lib-dynamodb[\\/]dist-es[\\/]pagination[\\/]\w+\.js$/, (text) =>
  text.replace('= createPaginator(', '= /* @__PURE__ */ createPaginator('),
);

/** A module's text with the value of each constant text in place of the computed names of fields. */
export function withPlainNames(text: string): string {
  const found = text.matchAll(/^const (\w+) = ("[^"\\]*");$/gm);
  const constants = new Map(Array.from(found, ([, name, value]) => [name, value]));
  return text.replace(/\[(\w+)\]:/g, (found, name: string) => {
    const value = constants.get(name);
    return value === undefined ? found : `${value}:`;
  });
}

/**
 * Zod would write a function for each schema that it meets, and have it compiled: 8 ms of a container's first answer, for
 * a microsecond or three that they save with each row of the ledger.
 */
const checksWithoutCode = changed(
  'checks without code',
  /[\\/]zod[\\/]v4[\\/]core[\\/]core\.js$/,
  (text) => `${text}
  globalConfig.jitless = true;`,
);

/** Unlike Node, esbuild cannot import a module of WebAssembly: a bundle holds its bytes, compiled when needed. */
export const webAssemblyInside: Plugin = {
  name: 'WebAssembly inside',
  setup({ onLoad }) {
    const imported = (path: string) => readFileSync(path, 'utf8').replace('import source ', 'import ');
    onLoad({ filter: /\.wasm\.mjs$/ }, ({ path }) => ({ contents: imported(path) }));
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `export default new WebAssembly.Module(Buffer.from('${readFileSync(path, 'base64')}', 'base64'));`,
      loader: 'js',
    }));
  },
};

/** A report's charts are drawn in linkedom by calls, and written by it: what reads HTML and CSS and writes them once more takes 170 kB. */
const drawnByCalls = changed(
  'drawn by calls',
  /[\\/](linkedom[\\/]esm[\\/]shared[\\/]parse-from-string|cssom[\\/]lib[\\/]index|dom-serializer[\\/]lib[\\/]esm[\\/]index)\.js$/,
  () => `const parse = () => { throw new Error('A report reads no HTML.'); };
  export { parse, parse as default, parse as parseFromString };
  export const isNotParsing = () => true;`,
);

/** A report's style and the page of the API are files beside the code that reads them: in a bundle stand their texts. */
const textsInside = changed(
  'texts inside',
  /[\\/]report[\\/](page[\\/]style|apiPage[\\/]docsRoute)\.ts$/,
  (code, path) =>
    code.replace(/readFileSync\(new URL\('(.*)', import\.meta\.url\), 'utf8'\)/, (_, name: string) =>
      JSON.stringify(readFileSync(join(dirname(path), name), 'utf8')),
    ),
);

/** Native code cannot be bundled: functions/infer/function.yml adds it. The 25 files around it can. */
const bindingBeside = changed('binding beside', /[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/, (text) =>
  text.replace('`../bin/', '`onnxruntime-node/bin/'),
);

export const plugins: Plugin[] = [
  credentialsOfEnvironment,
  settingsOfEnvironment,
  schemasByName,
  nothingForLater,
  noPages,
  drawnByCalls,
  textsInside,
  bindingBeside,
  checksWithoutCode,
  webAssemblyInside,
];
