import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

const QUICK = [`--import=${import.meta.resolve('./quickImports.ts')}`];

/** What a process loads is the same with quick imports as without. */

const folder = mkdtempSync(join(tmpdir(), 'swath quick imports '));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'node_modules/a-package'), { recursive: true });
const files = {
  'package.json': '{ "type": "module" }',
  'data.json': '{ "value": "JSON" }',
  'typed.ts': "export const value: string = 'TypeScript';",
  'with space.mjs': "export const value = 'a space';",
  'common.cjs': "exports.value = 'CommonJS ' + require('./folder.js').value;",
  'node_modules/a-package/package.json': '{ "main": "main" }',
  'node_modules/a-package/main.js': "exports.value = 'a package';",
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
mkdirSync(join(folder, 'folder.js'));
writeFileSync(join(folder, 'folder.js/index.js'), "exports.value = 'of a folder';");
writeFileSync(join(folder, 'folder.js/package.json'), '{ "type": "commonjs" }');

describe('with quick imports', () => {
  for (const [what, code, value] of [
    ['a file of TypeScript', "import { value } from './typed.ts'", 'TypeScript'],
    ['a file with a space in its name', "import { value } from './with%20space.mjs'", 'a space'],
    ['JSON', "import { default as data } from './data.json' with { type: 'json' }; const { value } = data", 'JSON'],
    ['CommonJS, and what it requires', "import { value } from './common.cjs'", 'CommonJS of a folder'],
    ['a package', "import { value } from 'a-package'", 'a package'],
    ['a file when it is needed', "const { value } = await import('./typed.ts')", 'TypeScript'],
  ] as const)
    test(`${what} is loaded as without them`, () => {
      for (const options of [[], QUICK])
        assert.equal(run(`${code}; console.log(value)`, options).stdout, `${value}\n`, options.join(' '));
    });

  test('a file that is not there is named by the error', () => {
    const { status, stderr } = run("import './nothing.ts'", QUICK);
    assert.equal(status, 1);
    assert.match(stderr, /nothing\.ts/);
  });
});

function run(code: string, options: readonly string[]) {
  writeFileSync(join(folder, 'entry.mjs'), code);
  return spawnSync(process.execPath, [...options, join(folder, 'entry.mjs')], { encoding: 'utf8' });
}
