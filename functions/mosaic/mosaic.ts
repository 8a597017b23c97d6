import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { ClaimLost } from '../../core/base/errors.ts';
import { mapKey, mapNamesKey, piecesKey } from '../../core/base/keys.ts';
import { type MosaicInput, mosaicInputSchema, type RunRef } from '../../core/base/messages.ts';
import type { ObjectVersion, ReadObject, RemoveVersion, WriteStream } from '../../core/base/objectStore.ts';
import { makeStep, type Work } from '../../core/base/step.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { keepLease, type LeasePorts } from '../../core/ledger/lease.ts';
import { mayHaveResults } from '../../core/ledger/ledgerRow.ts';
import type { MapName } from '../../core/package/layer.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { Scratch } from '../../core/results/maps/cog/cogSpec.ts';
import { makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';
import type { Deflate } from '../../core/results/maps/cog/tile.ts';
import { drawMap } from '../../core/results/maps/drawMap.ts';
import { mapGrid, mapSpec } from '../../core/results/maps/mapGrid.ts';
import { pamXml } from '../../core/results/maps/pamXml.ts';
import { decodePieces, type Piece } from '../../core/results/maps/pieces.ts';
import { inOneChunk } from '../../core/scenes/rangesIn.ts';

export type MosaicPorts = LeasePorts & {
  ledger: Pick<Ledger, 'get'>;
  models: Pick<Models, 'load'>;
  readResult: ReadObject;
  writeStream: WriteStream;
  removeVersion: RemoveVersion;
  /** Temporary storage for compressed tiles, until it is disposed of. */
  makeScratch: () => Promise<Scratch & AsyncDisposable>;
  /** Compresses tiles; by default in worker threads. */
  deflate?: Deflate;
};

export const mosaicStep = (ports: MosaicPorts) => makeStep('mosaic', mosaicInputSchema, makeMosaic(ports));

const AHEAD = 2;

/**
 * Joins the pieces that infer wrote into maps with the scene's georeference. The same pieces give the same bytes, so a repeated
 * step overwrites maps with identical ones. Throws `ClaimLost` if another attempt holds the run, or it has ended.
 */
export function makeMosaic(ports: MosaicPorts): Work<MosaicInput, { maps: string[] }> {
  return async ({ run, parts }, invocation, log) => {
    Object.assign(log, { run: run.id, key: run.scene.key });
    const kept = keepLease(ports, run);
    await kept.need();
    const [model, row] = await Promise.all([ports.models.load(run.model), ports.ledger.get(run.scene, run.model)]);
    const raster = row?.raster && mapGrid(row.raster, model.output);
    const layers = model.task.layers?.(model) ?? [];
    if (raster === undefined || layers.length === 0)
      throw new Error(`The run ${run.id} has nothing to map: its file is no raster, or its task is not of pixels.`);

    const names = [...new Set(layers.map(({ map }) => map))];
    await using scratches = new AsyncDisposableStack();
    const writers = new Map<MapName, ReturnType<typeof makeCogWriter>>();
    for (const name of names) {
      const scratch = scratches.use(await ports.makeScratch());
      writers.set(name, makeCogWriter(mapSpec(raster, layers, name, run), scratch, { deflate: ports.deflate }));
    }

    const between = kept.between(invocation);
    const types = layers.map(({ dataType }) => dataType);
    const read = ({ part }: { part: number }) => ports.readResult(piecesKey(run, part));
    const pieces = async function* (): AsyncGenerator<Piece> {
      for await (const file of inOrder(parts, AHEAD, read)) {
        await between();
        yield* decodePieces(file, types);
      }
    };
    await drawMap(pieces(), raster, layers, writers);

    const written: ObjectVersion[] = [];
    const write = async (key: string, object: { size: number; chunks: AsyncIterable<Uint8Array> }) => {
      await kept.need(); // always, not only now and then: otherwise a newer attempt's map could be overwritten
      written.push(await ports.writeStream(key, object));
    };
    try {
      for (const [name, writer] of writers) {
        const map = writer.finish();
        await write(mapKey(run, name), map);
        log[name] = map.size;
      }
      const classes = layers.find((layer) => layer.classes !== undefined)?.classes;
      if (classes !== undefined) {
        const bytes = new TextEncoder().encode(pamXml(classes));
        await write(mapNamesKey(run), { size: bytes.length, chunks: inOneChunk(bytes) });
      }
    } catch (error) {
      await removeUnlessWanted(run, written).catch(() => {}); // otherwise the sweep removes them
      throw error;
    }
    if (!(await removeUnlessWanted(run, written)))
      throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} was over when it wrote its maps.`);
    return { maps: names.map((name) => mapKey(run, name)) };
  };

  /**
   * Removes maps that were written after the run had ended without results, because whoever ended it had removed its maps before.
   * If a newer attempt holds the run, they stay: in a store without versions they may have replaced that attempt's map, which is
   * identical, as maps depend only on a run's scene and model. If that attempt fails, all of the run's maps are removed.
   *
   * @returns whether the attempt still held the run
   */
  async function removeUnlessWanted(run: RunRef, written: readonly ObjectVersion[]): Promise<boolean> {
    const row = await ports.ledger.get(run.scene, run.model);
    if (!mayHaveResults(row)) for (const version of written) await ports.removeVersion(version);
    return mayHaveResults(row) && row.attempt === run.attempt && row.execution === run.execution;
  }
}
