import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { readZip } from '../test/packaged/zip.ts';
import { type Sources, writeArtifacts } from './artifacts.ts';

/** A service with one function, whose handler has this text, in a folder that is gone when the test ends. */
function serviceWith(t: { after: (work: () => void) => void }, handler: string) {
  const serviceDir = mkdtempSync(join(tmpdir(), 'swath-artifacts-'));
  t.after(() => rmSync(serviceDir, { recursive: true }));
  for (const folder of ['functions/sum', 'library/linux']) mkdirSync(join(serviceDir, folder), { recursive: true });
  writeFileSync(join(serviceDir, 'functions/sum/one.ts'), 'export const one: number = 1;');
  writeFileSync(join(serviceDir, 'functions/sum/many.ts'), 'export const many: number = 9e9;');
  writeFileSync(join(serviceDir, 'functions/sum/handler.ts'), handler);
  writeFileSync(join(serviceDir, 'library/linux/a.node'), 'native');
  writeFileSync(join(serviceDir, 'library/index.js'), 'no part of it');
  const sum: Sources['service']['functions'][string] = {
    handler: 'functions/sum/handler.handler',
    package: { patterns: ['library/linux/*'] },
  };
  const service = { functions: { sum }, provider: { runtime: 'nodejs24.x' } };
  return {
    write: async () => {
      await writeArtifacts({ service: { ...service, functions: { sum: { ...sum } } }, serviceDir }, ['sum']);
      return readFileSync(join(serviceDir, '.serverless/sum.zip'));
    },
  };
}

const HANDLER = "import { one } from './one.ts';\nexport const handler = () => one + one;";

describe('the artifact of a function', () => {
  it('holds its handler as one CommonJS bundle, and the files that its patterns name', async (t) => {
    const entries = readZip(await serviceWith(t, HANDLER).write());
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['functions/sum/handler.cjs', 'library/linux/a.node'],
    );
    const bundle = { exports: {} as { handler: () => number } };
    new Function('module', entries[0]!.bytes().toString())(bundle);
    assert.equal(bundle.exports.handler(), 2);
    assert.equal(entries[1]!.bytes().toString(), 'native');
  });

  it('has what is imported when it is needed as a file of its own, which nothing reads before', async (t) => {
    const later = "export const handler = async () => (await import('./many.ts')).many;";
    const files = readZip(await serviceWith(t, later).write()).filter(({ name }) => name.endsWith('.cjs'));
    const [own, many] = files.sort((a) => (a.name.endsWith('/handler.cjs') ? -1 : 1));
    const bundle = { exports: {} as { handler: () => Promise<number> } };
    const asked: string[] = [];
    const require = (path: string) => {
      asked.push(path);
      const chunk = { exports: {} };
      new Function('module', many!.bytes().toString())(chunk);
      return chunk.exports;
    };
    new Function('module', 'require', own!.bytes().toString())(bundle, require);
    assert.deepEqual(asked, []);
    assert.equal(await bundle.exports.handler(), 9e9);
    assert.deepEqual(asked, [`./${basename(many!.name)}`]);
  });

  it('has the same bytes as long as its sources have, so that nothing is deployed anew', async (t) => {
    const { write } = serviceWith(t, HANDLER);
    assert.deepEqual(await write(), await write());
  });

  it('is not written where the handler imports what is not there: the error names it', async (t) => {
    await assert.rejects(serviceWith(t, "export * from './two.ts';").write(), /Could not resolve "\.\/two\.ts"/);
  });
});
