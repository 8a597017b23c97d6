import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BASELINE } from '../../test/benches/packages.ts';
import { fileDigests, isDigest, packageDigest } from './publication.ts';

const FILES = ['item.json', 'model.onnx', 'reference.json', 'sample.json'];

test('the digest of a package equals that of sha256sum, whatever the order of its files', (t) => {
  const contents = FILES.toReversed().map((file) => [file, readFileSync(new URL(file, BASELINE))] as const);
  const digest = packageDigest(fileDigests(new Map(contents)));
  // Of the list that sha256sum prints for the bundled model, whose version never changes.
  assert.equal(digest, 'sha256:3e6ee2c1142bb211a543434db3e62382dde422d8a6b432a8d57fa56c8500fdf5');
  assert.ok(isDigest(digest));
  try {
    const command = `sha256sum ${FILES.join(' ')} | sha256sum`;
    const printed = execFileSync('sh', ['-c', command], { cwd: fileURLToPath(BASELINE), stdio: 'pipe' }).toString();
    assert.equal(`sha256:${printed.split(' ')[0]}`, digest);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    t.diagnostic('There is no sha256sum here.');
  }
});

test('another byte, name or file gives another digest, and invalid digests are recognised', () => {
  const of = (...entries: [string, string][]) =>
    packageDigest(fileDigests(new Map(entries.map(([name, text]) => [name, Buffer.from(text)]))));
  const all = [of(['a', '1']), of(['a', '2']), of(['b', '1']), of(['a', '1'], ['b', '1']), of()];
  assert.equal(new Set(all).size, all.length);
  for (const wrong of [
    '',
    'sha256:',
    'a'.repeat(64),
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}`,
    `md5:${'a'.repeat(64)}`,
  ])
    assert.ok(!isDigest(wrong), wrong);
});
