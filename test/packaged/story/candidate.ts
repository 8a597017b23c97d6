import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { promotedKey, shadowKey } from '../../../core/keys.ts';
import { sceneInput } from '../../../core/messages.ts';
import { BASELINE } from '../../benches/packages.ts';
import { sceneOf } from '../../scenes.ts';
import { MODEL, type Service } from './service.ts';

const CANDIDATE = { ...MODEL, version: '7.1.0' };
const DAY_MILLISECONDS = 86_400_000;

/** What becomes of a candidate that a registry has, where the stage has a gate. */
export function tellOfCandidate(service: () => Service): void {
  const look = () => service().callFunction('watch', { source: 'aws.events', detail: {} });
  const read = (key: string) =>
    JSON.parse(Buffer.from(service().aws.objects.get(service().models)!.get(key)!.bytes).toString());

  it('a candidate shadows the live version, and is promoted after a week by the gate that lets it pass', async () => {
    const { aws, drop, models, promote, put, registry, run } = service();
    promote(MODEL.version);
    const files = new Map(
      await Promise.all(
        ['README.md', 'item.json', 'model.onnx', 'reference.json'].map(
          async (file) => [file, await readFile(new URL(file, BASELINE))] as const,
        ),
      ),
    );
    const item = files.get('item.json')!.toString().replace('"version": "1.0.0"', `"version": "${CANDIDATE.version}"`);
    registry.register('drought', '9', { files: files.set('item.json', Buffer.from(item)) });
    assert.deepEqual(await look(), { outcome: 'candidate', candidate: CANDIDATE });
    assert.match(aws.told.at(-1)!.text, /classifies beside the live version from now on/);

    const key = 'candidates/first';
    assert.equal((await run(sceneInput(drop(key, sceneOf(key, 9))), key)).end, 'Done');
    const [name, input] = [...aws.started].at(-1)!;
    aws.started.delete(name);
    assert.equal((await run(input, name)).end, 'Shadowed');
    assert.equal(((await look()) as { outcome: string }).outcome, 'unchanged');

    const { shadow } = read(shadowKey(MODEL.name));
    const since = new Date(Date.parse(shadow.since) - 7 * DAY_MILLISECONDS).toISOString();
    put(models, shadowKey(MODEL.name), Buffer.from(JSON.stringify({ shadow: { ...shadow, since } })));
    assert.deepEqual(await look(), { outcome: 'promoted', candidate: CANDIDATE });
    assert.equal(aws.told.at(-1)!.subject, `Swath dev: Promoted: ${MODEL.name} ${CANDIDATE.version}`);
    assert.equal(read(promotedKey(MODEL.name)).version, CANDIDATE.version);
    assert.deepEqual(read(shadowKey(MODEL.name)), { shadow: null });
  });
}
