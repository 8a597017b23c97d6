import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sceneInput } from '../../../core/base/messages.ts';
import type { Service } from './service.ts';

/** Files of stores that are not AWS's. It comes last, as it leaves a run that a sweep would start again. */
export function tellOfOtherStores(service: () => Service): void {
  it('an Item whose files are in another store fails where nobody has written its keys', async () => {
    const { drop, run } = service();
    const names = Array.from({ length: 11 }, (_, i) => `B${i + 1}`);
    const assets = Object.fromEntries(names.map((name) => [name, { href: `s3://eodata/${name}.tif` }]));
    const item = Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', assets }));
    const { failure } = await run(sceneInput(drop('north/elsewhere.stac.json', item)), 'elsewhere');
    assert.match(
      failure?.cause ?? '',
      /^Preprocess: The SSM parameter \/swath\/dev\/assets holds no keys of the bucket /,
    );
  });
}
