import * as z from 'zod';
import { modelId } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import type { MapRun, WorldMap } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { runSummary } from './runSummary.ts';
import { classColours } from './scene.ts';

export const mapQuery = z.object({ version: z.string().max(300, 'at most 300 letters').optional() });

const MOST_SHOWN = 2000;

export async function worldMapOf(
  { models, newestRuns }: Pick<Service, 'models'> & { newestRuns: Pick<NewestRuns, 'read'> },
  { from, to }: Period,
  { version }: z.output<typeof mapQuery>,
): Promise<WorldMap> {
  const [{ rows: rasters }, { rows, cut }] = await Promise.all([
    newestRuns.read({ isRaster: true }),
    newestRuns.read({ isRaster: true, from, to, ...(version && { of: version }) }),
  ]);
  const shown = rows.slice(0, MOST_SHOWN);
  const packages = new Map<string, ModelPackage | null>();
  for (const { model } of shown)
    if (!packages.has(modelId(model))) packages.set(modelId(model), await models.load(model).catch(noneIfUnusable));
  const runs = shown.flatMap((row) => placed(row, packages.get(modelId(row.model)) ?? null));
  const common = new Set(runs.flatMap(({ most }) => most ?? []));
  const known = [...packages.values()].flatMap((model) => (model === null ? [] : classColours(model)));
  const colours = new Map(known.toReversed().map((one) => [one.name, one])); // for each name, from the newest run's package
  return {
    runs,
    placeless: shown.length - runs.length,
    versions: [...new Set(rasters.map(({ model }) => modelId(model)))].toSorted(),
    classes: [...new Set(known.map(({ name }) => name))].flatMap((name) =>
      common.has(name) ? colours.get(name)! : [],
    ),
    isMore: cut.length > 0 || rows.length > MOST_SHOWN,
  };
}

function placed(row: LedgerRow, model: ModelPackage | null): MapRun[] {
  const { outline } = row.raster!;
  if (outline === undefined) return [];
  const { run, file, state, acquired, drift, verdict, model: of } = runSummary(row);
  const { geometry, bbox } = outline;
  const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
  const most = model && mostCommon(row, model);
  return [{ run, file, state, acquired, drift, verdict, bbox, most, model: of, day: row.day ?? '', rings: [...rings] }];
}

/** Null for a run without predictions, and for a model without classes. */
function mostCommon(row: LedgerRow, model: ModelPackage): string | null {
  const { classes } = model;
  const { counts = [] } = summaryIn(row) ?? {};
  if (classes.length === 0 || counts.length !== classes.length) return null;
  const most = Math.max(...counts);
  return most > 0 ? classes[counts.indexOf(most)]!.name : null;
}
