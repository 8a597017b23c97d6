import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GateRules } from '../../core/package/gateRules.ts';
import { BASELINE } from '../benches/packages.ts';

/** The model whose versions the candidates are, as their packages name it. */
export const NAME = 'droughtwatch-baseline';

/**
 * What a chip's values are divided by. The network was trained with 255: the further from that, the more often it is wrong. All three take
 * the same chips, so that each may shadow another.
 */
const SCALES = { live: 170, worse: 60, better: 255 };

/** Which version plays which part in a candidate's life. */
export type Versions = Record<keyof typeof SCALES, string>;

/**
 * Writes the bundled package as a version of each part into a folder, and answers where each lies.
 *
 * @param gate of the version that is live, if the stage has none
 */
export function writePackages(into: string, versions: Versions, gate?: GateRules): Versions {
  const parts = Object.keys(SCALES) as (keyof Versions)[];
  const written = parts.map((part) => {
    const folder = join(into, versions[part]);
    cpSync(fileURLToPath(BASELINE), folder, {
      recursive: true,
      filter: (file) => !file.endsWith('sample.json'), // of another scale, it would be another answer
    });
    const text = readFileSync(join(folder, 'item.json'), 'utf8').replaceAll('"value": 255', `"value": ${SCALES[part]}`);
    const item = JSON.parse(text);
    Object.assign(item.properties, { version: versions[part], ...(part === 'live' && gate && { 'swath:gate': gate }) });
    item.id = `${NAME}-${versions[part]}`;
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item, null, 2));
    return [part, folder];
  });
  return Object.fromEntries(written);
}
