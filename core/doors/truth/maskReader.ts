import type { RasterWindow } from '../../arrays/dataTypes.ts';
import { citedStart, InvalidMessage, InvalidSceneFile, insteadOf, ObjectNotFound } from '../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../base/limits.ts';
import type { OpenObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { keptArea } from '../../package/area.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { TruthValue } from '../../package/task.ts';
import { openMap } from '../../results/maps/openMap.ts';
import { openGeoTiff } from '../../scenes/formats/geotiff/geotiff.ts';
import { chipGrid } from '../../scenes/raster/chipGrid.ts';
import { makeRasterValues, numbersIn, type Raster, type RasterSource } from '../../scenes/raster/raster.ts';
import { compareMask } from '../../tasks/segmentation/maskTruth.ts';
import { chipInWords, type Truth } from './truth.ts';

export type OpenMask = RasterSource & { close(): Promise<void> };

export type MaskPorts = { openResult: OpenObject; openMask: (path: string) => Promise<OpenMask> };

/** The chips' windows in their raster, by index in the scene file; absent for chips that are not part of a raster. */
export type ChipWindows = ReadonlyMap<number, RasterWindow>;

export type ReadMask = { read(truth: Truth, index: number): Promise<TruthValue>; close(): Promise<void> };
export type MakeReadMask = (row: LedgerRow, model: ModelPackage, windows: ChipWindows) => ReadMask;

/** The block cache of a raster in bytes: chips in one row share blocks. */
const CACHE_BYTES = 16 * 2 ** 20;
const LIMITS = { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: CACHE_BYTES };

/**
 * Makes the function that compares masks with the maps of runs. A mask is a single-band GeoTIFF with the classes' values,
 * as large as the scene, of which each chip uses its own pixels, or as large as the chip. Where two chips overlap, a pixel
 * belongs to the one that the map has it from. Both are read chip by chip, so memory holds a chip's pixels and two caches.
 * @throws {InvalidMessage} from `read`, with where it stands, what was found and what is allowed
 */
export function makeMaskReader({ openResult, openMask }: MaskPorts): MakeReadMask {
  return (row, model, windows) => {
    const compare = compareMask(model);
    let map: Promise<Raster> | undefined;
    let mask: { path: string; file: OpenMask; raster: Raster } | undefined;

    async function maskAt(path: string, where: string): Promise<Raster> {
      if (mask?.path === path) return mask.raster;
      await close();
      const what = `${where}: the mask ${citedStart(path, 100)} cannot be read`;
      const unreadable = insteadOf(Error, (cause) => new InvalidMessage(`${what}: ${cause.message}`, { cause }));
      const file = await openMask(path).catch(unreadable);
      try {
        mask = { path, file, raster: await openGeoTiff(file, LIMITS) };
        return mask.raster;
      } finally {
        if (mask === undefined) await file.close();
      }
    }

    async function close(): Promise<void> {
      await mask?.file.close();
      mask = undefined;
    }

    async function read({ says, chip, where }: Truth, index: number): Promise<TruthValue> {
      const about = `${where}: the truth of ${chipInWords(chip)} for ${model.name} ${model.version}`;
      const window = windows.get(index);
      if (window === undefined || row.maps?.includes('predictions') !== true)
        throw new InvalidMessage(`${about}: its run ${row.run} has no map, allowed are masks of chips of rasters.`);
      if (typeof says !== 'string')
        throw new InvalidMessage(
          `${about}: found ${typeof says === 'object' ? `a list of ${says.length}` : says}, allowed is the path of a mask.`,
        );
      const gone = `${about}: the map of its run ${row.run} no longer exists.`;
      return withMap(says, window, index, about)
        .catch(insteadOf(ObjectNotFound, (cause) => new InvalidMessage(gone, { cause })))
        .catch(insteadOf(InvalidSceneFile, (cause) => new InvalidMessage(`${about}: ${cause.message}.`, { cause })));
    }

    async function withMap(path: string, window: RasterWindow, index: number, about: string): Promise<TruthValue> {
      const truth = await maskAt(path, about);
      map ??= openMap(openResult, row, 'predictions', CACHE_BYTES);
      const predicted = await map;
      const isOf = (size: { width: number; height: number }) =>
        truth.width === size.width && truth.height === size.height;
      if (truth.bands.length !== 1 || !(isOf(predicted) || isOf(window)))
        throw new InvalidMessage(
          `${about}: found a mask of ${truth.width} × ${truth.height} pixels and ${truth.bands.length} bands, allowed is one band of ${predicted.width} × ${predicted.height} pixels, as the scene has, or of ${window.width} × ${window.height}, as the chip has.`,
        );
      const grid = chipGrid(predicted, model.isOfPictures ? predicted : model.source, model.overlap);
      const area = keptArea(window, grid.neighboursOf(index), { top: 0, left: 0 });
      const pixels = area.width * area.height;
      if (pixels === 0) return compare([], [], null);
      const inScene = { ...area, x: window.x + area.x, y: window.y + area.y };
      const [ones, others] = [makeRasterValues(predicted.type, pixels), makeRasterValues(truth.type, pixels)];
      await predicted.read(inScene, [0], [ones]);
      const { valid } = await truth.read(isOf(predicted) ? inScene : area, [0], [others]);
      const compared = compare(numbersIn(ones), numbersIn(others), valid); // a mask may store classes in 64 bits
      if (compared === '' && isOf(window))
        throw new InvalidMessage(
          `${about}: found no pixel where the mask and the map both have a class, allowed are masks with the classes' values: ${model.classes.map(({ value }) => value).join(', ')}. Send one with them, or leave the row out.`,
        );
      return compared;
    }

    return { read, close };
  };
}
