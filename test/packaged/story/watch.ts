import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { BASELINE } from '../../benches/packages.ts';
import { WITH_ALL } from '../package.ts';
import type { Service } from './service.ts';

/** What the schedule hands over. */
const EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** What comes of an alias of a registry that is watched. */
export function tellOfWatch(service: () => Service): void {
  const look = async () => service().callFunction('watch', EVENT);
  const keys = () => [...service().aws.objects.get(service().models)!.keys()];

  it('the registry is asked with what the SSM parameter holds, and says where that goes as long as it is not there', async () => {
    assert.deepEqual(await look(), { outcome: 'refused', candidate: null });
    assert.match(
      service().aws.told.at(-1)!.text,
      /there is no SSM parameter \/swath\/dev\/mlflow, .*: aws ssm put-parameter /,
    );
    service().aws.secrets.set(WITH_ALL.mlflowSecret, 'wrong');
    await look();
    assert.match(
      service().aws.told.at(-1)!.text,
      /answers 401, .* put what it takes into the SSM parameter \/swath\/dev\/mlflow\n/,
    );
    service().aws.secrets.set(WITH_ALL.mlflowSecret, 't0ken');
  });

  it('the version of its alias is published as a candidate, and reported once by the topic; nothing is promoted', async () => {
    const { aws, registry, models } = service();
    const read = async (file: string) => [file, await readFile(new URL(file, BASELINE))] as const;
    const files = new Map(
      await Promise.all(['README.md', 'item.json', 'model.onnx', 'reference.json', 'sample.json'].map(read)),
    );
    files.set(
      'item.json',
      Buffer.from(files.get('item.json')!.toString().replace('"version": "1.0.0"', '"version": "7.0.0"')),
    );
    registry.register('drought', '3', { files });
    const promoted = Buffer.from(aws.objects.get(models)!.get('droughtwatch-baseline/promoted.json')!.bytes);
    const candidate = { name: 'droughtwatch-baseline', version: '7.0.0' };
    assert.deepEqual(await look(), { outcome: 'candidate', candidate });
    assert.deepEqual(await look(), { outcome: 'unchanged', candidate });
    const [told, ...others] = aws.told.slice(2);
    assert.deepEqual(others, []);
    assert.equal(told!.subject, 'Swath dev: A candidate: droughtwatch-baseline 7.0.0');
    assert.match(told!.text, /npx swath model promote droughtwatch-baseline\/7\.0\.0 --stage dev$/);
    aws.objects.get(models)!.delete('droughtwatch-baseline/shadow.json'); // story/candidate.ts goes on from there
    for (const file of [...files.keys(), 'publication.json'])
      assert.ok(keys().includes(`droughtwatch-baseline/7.0.0/${file}`), file);
    assert.deepEqual(Buffer.from(aws.objects.get(models)!.get('droughtwatch-baseline/promoted.json')!.bytes), promoted);
    // The parts of the story that follow know of one version.
    for (const key of keys()) if (key.startsWith('droughtwatch-baseline/7.0.0/')) service().remove(models, key);
  });
}
