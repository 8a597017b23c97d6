import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { openApi } from '../../core/doors/online/openapi.ts';

/** Writes `generated.d.ts`: a client's types, made of the description alone. */

// The generator takes the compiler by its interface in JavaScript, which later ones do not have.
const PACKAGES = ['openapi-typescript@7.13.0', 'typescript@5.9.3'];

const description = new URL('openapi.json', import.meta.url);
writeFileSync(description, JSON.stringify(openApi({ needsKey: true, takesTruth: true, example: { model: 'digits' } })));
try {
  const packages = PACKAGES.flatMap((name) => ['--package', name]);
  const args = ['--yes', ...packages, 'openapi-typescript', 'openapi.json', '--output', 'generated.d.ts'];
  execFileSync('npx', args, { cwd: new URL('.', import.meta.url) });
} finally {
  rmSync(description);
}
