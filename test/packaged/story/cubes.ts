import assert from 'node:assert/strict';
import { it } from 'node:test';
import { executionName, runId, type SceneRef, sceneInput } from '../../../core/base/messages.ts';
import { zarrStore } from '../../benches/zarrStore.ts';
import { MODEL, type Service } from './service.ts';

/** Scenes that are folders: Zarr stores, which have a function of their own, and those of agencies, which have not. */
export function tellOfCubes(service: () => Service): void {
  function dropStore(key: string, first: number): SceneRef {
    const files = zarrStore(first);
    const [, metadata] = files.pop()!;
    for (const [path, content] of files) service().layBeside(`${key}.zarr/${path}`, content);
    return service().drop(`${key}.zarr/zarr.json`, metadata);
  }

  it('the metadata of a Zarr store go to the function that reads stores, and once more where a run is repeated', async () => {
    const { ledger, run } = service();
    const scene = dropStore('cubes/a', 20);
    assert.equal((await run(sceneInput(scene), 'cube')).end, 'Done');
    const row = await ledger.get(scene, MODEL);
    assert.deepEqual([row?.state, row?.chips], ['DONE', 2]);
    const again = await run(sceneInput(scene, MODEL), executionName(runId(scene, MODEL), 2));
    assert.equal(again.end, 'Nothing to do');
    assert.ok(again.path.includes('Preprocess cubes'));
  });

  it('a chunk of a store is no scene', async () => {
    const { inbox, run } = service();
    const chunk = { bucket: inbox, key: 'cubes/a.zarr/B1/c/0/0', versionId: 'v1' };
    assert.equal((await run(sceneInput(chunk), 'chunk')).end, 'Companion');
  });

  it('a store without arrays is invalid, and says so', async () => {
    const { ledger, drop, run } = service();
    const scene = drop('cubes/broken.zarr/zarr.json', Buffer.from('{"a": 1}'));
    const { failure } = await run(sceneInput(scene), 'broken-cube');
    assert.match(failure?.cause ?? '', /^Preprocess cubes: cubes\/broken\.zarr\/zarr\.json: /);
    assert.equal((await ledger.get(scene, MODEL))?.state, 'INVALID');
  });

  it('an execution whose run is taken over in Preprocess cubes has nothing to do any more', async () => {
    const { run, takeOver, when } = service();
    const scene = dropStore('cubes/taken', 40);
    when({ who: 'preprocessCubes', action: 's3:PutObject' }, () => takeOver(scene));
    const { end, path } = await run(sceneInput(scene), 'taken-cube');
    assert.deepEqual([path.at(-2), end], ['Preprocess cubes ClaimLost → Nothing to do', 'Nothing to do']);
  });

  it('the metadata of a folder of Sentinel-2 go to the function of all other scenes', async () => {
    const { drop, run } = service();
    const scene = drop('S2A.SAFE/MTD_MSIL2A.xml', Buffer.from('<n1:Level-2A_User_Product/>'));
    const { failure } = await run(sceneInput(scene), 'safe');
    assert.match(failure?.cause ?? '', /^Preprocess: S2A\.SAFE\/MTD_MSIL2A\.xml: .*found no IMAGE_FILE/);
  });
}
