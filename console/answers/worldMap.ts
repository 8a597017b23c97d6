import * as z from 'zod';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { modelId } from '../../core/run.ts';
import { namedIn } from '../../core/tasks/stored.ts';
import type { MapRun, WorldMap } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { packageOrNone } from './packageOrNone.ts';
import { runSummary } from './runSummary.ts';
import { classColours } from './scene.ts';

export const worldMapQuery = z.object({ version: z.string().max(300, 'at most 300 letters').optional() });

type Ports = Pick<Service, 'models'> & { newestRuns: Pick<NewestRuns, 'read'> };

/** Where the newest runs of rasters lie on earth. */
export async function worldMapOf(
  { models, newestRuns }: Ports,
  { from, to }: Period,
  { version }: z.output<typeof worldMapQuery>,
): Promise<WorldMap> {
  const { rows, isMore } = await newestRuns.read();
  const rasters = rows.filter(({ raster }) => raster !== undefined);
  const shown = rasters.filter(
    ({ day = '', model }) => day >= from && day <= to && (version === undefined || modelId(model) === version),
  );
  const runs = shown.flatMap(placed);
  const newest = shown[0] && (await packageOrNone(models, shown[0].model));
  const common = new Set(runs.flatMap(({ most }) => most ?? []));
  const known = newest ? classColours(newest) : [];
  const others = [...common].filter((name) => known.every((one) => one.name !== name)).sort();
  return {
    runs,
    placeless: shown.length - runs.length,
    versions: [...new Set(rasters.map(({ model }) => modelId(model)))].toSorted(),
    classes: [...known.filter(({ name }) => common.has(name)), ...others.map((name) => ({ name, colour: null }))],
    isMore,
  };
}

function placed(row: LedgerRow): MapRun[] {
  const { outline } = row.raster!;
  if (outline === undefined) return [];
  const { run, file, state, verdict, model } = runSummary(row);
  const { geometry, bbox } = outline;
  const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
  return [
    { ...{ run, file, state, verdict, model, bbox }, day: row.day ?? '', most: mostCommon(row), rings: [...rings] },
  ];
}

function mostCommon(row: LedgerRow): string | null {
  const named = namedIn(row);
  if (named.length === 0) return null;
  const most = named.reduce((a, b) => (b.count > a.count ? b : a));
  return most.count > 0 ? most.name : null;
}
