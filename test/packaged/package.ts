import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyService } from './sls.ts';
import { resolveTemplate, type Template } from './template.ts';

/** The service as it would be deployed. */
export type Packaged = {
  /** The CloudFormation template, with every reference in it resolved. */
  template: Template;
  /** The zip of a function. */
  artifact: (name: string) => Promise<Buffer>;
  /** A folder for this process alone, gone when it ends. */
  temporary: string;
};

/** Runs `sls package` without credentials, a home or a network, on a copy of the service. */
export async function packageService(): Promise<Packaged> {
  const temporary = mkdtempSync(join(tmpdir(), 'swath-packaged-'));
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
  const out = join(temporary, 'out');
  const sls = await copyService(temporary);
  await sls(['package', '--package', out], {
    nodeOptions: ['--import', new URL('noNetwork.ts', import.meta.url).href],
  });
  const template = await readFile(join(out, 'cloudformation-template-update-stack.json'), 'utf8');
  return {
    template: resolveTemplate(JSON.parse(template)),
    artifact: (name) => readFile(join(out, `${name}.zip`)),
    temporary,
  };
}
