import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApi } from '../../core/doors/online/openapi.ts';

/** Writes `generated.d.ts` anew; with `--check`, says whether it would be another one: exit code 1. */

// The generator takes the compiler by its interface in JavaScript, which later ones do not have.
const PACKAGES = ['openapi-typescript@7.13.0', 'typescript@5.9.3'];
const GENERATED = fileURLToPath(new URL('generated.d.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'swath-client-'));
try {
  const [description, generated] = ['openapi.json', 'generated.d.ts'].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  writeFileSync(
    description,
    JSON.stringify(openApi({ needsKey: true, takesTruth: true, example: { model: 'digits' } })),
  );
  const packages = PACKAGES.flatMap((name) => ['--package', name]);
  execFileSync('npx', ['--yes', ...packages, 'openapi-typescript', description, '--output', generated], {
    cwd: folder,
  });
  const text = readFileSync(generated, 'utf8');
  const isSame = text === readFileSync(GENERATED, 'utf8');
  if (!process.argv.includes('--check')) writeFileSync(GENERATED, text);
  else if (!isSame)
    console.error('test/client/generated.d.ts is not of this description: node test/client/generate.ts');
  process.exitCode = isSame || !process.argv.includes('--check') ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
