import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tinyPage } from '../test/benches/console.ts';
import { bundlePage } from './bundle.ts';

const MAIN = `
import { render } from 'preact';
type Props = { readonly name: string };
const Page = ({ name }: Props) => <p title="a long explanation">{name}</p>;
render(<Page name="Swath" />, document.body);
`;

test("the console's page is a few hundred kB at most, and loads nothing from elsewhere", async () => {
  const { script, style } = await bundlePage();
  const bytes = Buffer.byteLength(script) + Buffer.byteLength(style);
  assert.ok(bytes <= 420_000, `${bytes} bytes`); // of them the coasts of the earth 30,000
  assert.doesNotMatch(style, /url\(|@import/);
  assert.doesNotMatch(script, /\bimport\s*\(|\bimport\s*["'{]/);
});

test("the console's page holds no colour scheme of d3's, which no chart names", async () => {
  const { script } = await bundlePage();
  assert.doesNotMatch(script, /8dd3c7/); // the first colour of Set3
  assert.match(script, /set3/, 'whose name Plot knows');
});

test('the page is bundled with its library, and made small', async () => {
  const { script, style } = await bundlePage(tinyPage(MAIN, 'body {\n  color: green;\n}\n'));
  assert.match(script, /a long explanation/);
  assert.doesNotMatch(script, /readonly|import/);
  assert.equal(style.trim(), 'body{color:green}');
  assert.ok(script.length > 5000 && script.length < 20_000, `Preact is about 10 kB, found ${script.length}`);
});

test('it is done once in a process', async () => {
  const folder = tinyPage(MAIN);
  const first = await bundlePage(folder);
  writeFileSync(join(folder, 'main.tsx'), 'another page');
  assert.equal(await bundlePage(folder), first);
});

test('an error in the sources is reported with its place, and can be fixed while it runs', async () => {
  const folder = tinyPage('let a = 1;\nlet b = (;');
  await assert.rejects(bundlePage(folder), {
    message: /^The console's page cannot be bundled\. .* main\.tsx:2:9: ERROR: Unexpected ";"$/,
  });
  writeFileSync(join(folder, 'main.tsx'), 'let b = 2;');
  await bundlePage(folder);
});

test('a package that is not there is named', async () => {
  await assert.rejects(bundlePage(tinyPage('import "no-such-package";')), /main\.tsx:1:7: .*no-such-package/);
});
