import { mapKey, mapNamesKey, resultItemKey } from '../../core/base/keys.ts';
import { urlDecoded } from '../../core/base/text/urlDecoded.ts';
import { limitsOf } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { toldViolations } from '../../core/measures/bands/toldViolations.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { MAP_TITLES } from '../../core/results/maps/itemOfRun.ts';
import { predictionFiles } from '../../core/results/predictions.ts';
import { adviceOnRun } from '../../observability/errorAdvice.ts';
import { download, Refused, refuseIfGone } from '../answer.ts';
import type { ResultFile, Run } from '../api.ts';
import type { Service } from '../service.ts';
import { accuracyOfRun, numbersOfRun } from './drift.ts';
import { knownRun } from './knownRun.ts';
import { summaryOf } from './runSummary.ts';

/** The runs of a run's shadows, of the same model; a shadow has none. */
export const shadowsOf = async ({ ledger }: Pick<Service, 'ledger'>, { scene, model, shadow }: LedgerRow) =>
  shadow === true ? [] : (await ledger.shadowsOf(scene)).filter((row) => row.model.name === model.name);

/** Everything about one run. Throws `Refused` with 404 if the ledger does not have it. */
export async function runOf(service: Pick<Service, 'ledger' | 'models' | 'listResults' | 'parameters'>, run: string) {
  const row = await knownRun(service, run);
  const isShadow = row.shadow === true;
  const [model, shadows] = await Promise.all([
    row.summary === undefined ? null : service.models.load(row.model).catch(noneIfUnusable),
    shadowsOf(service, row),
  ]);
  return {
    summary: await summaryOf(service.listResults, row),
    row,
    numbers: model && numbersOfRun(model, row, limitsOf(service.parameters)),
    accuracy: accuracyOfRun(model, row),
    violations: model === null ? [] : toldViolations(measuresOfRow(row), model),
    nextSteps: isShadow ? null : (adviceOnRun(row)?.says ?? null),
    canRetry: row.state === 'FAILED' && !isShadow,
    shadows: shadows.map(({ run: id, model: { version }, state }) => ({ run: id, version, state })),
    files: await resultFilesOf(row, service.listResults),
  } satisfies Run;
}

const TITLES = { ...MAP_TITLES, predictions: 'Map' };
const GEOTIFF = 'image/tiff; application=geotiff; profile=cloud-optimized';

/** The result files of a raster's run: a closed list, so that names in addresses cannot lead to other files. */
function keptFiles(row: LedgerRow) {
  const { state, run: id, model, day = '', maps = [], raster, batch } = row;
  if (state !== 'DONE' || raster === undefined) return [];
  const run = { id, model, day };
  const predictions = batch === undefined ? predictionFiles([row]) : [];
  const ofMap = [{ title: "Names of the map's classes", key: mapNamesKey(run), type: 'application/xml' }];
  return [
    ...maps.map((map) => ({ title: TITLES[map], key: mapKey(run, map), type: GEOTIFF })),
    ...(maps.includes('predictions') ? ofMap : []),
    { title: 'STAC Item', key: resultItemKey(run), type: 'application/geo+json' },
    ...predictions.map(({ key }) => ({ title: 'Predictions', key, type: 'application/vnd.apache.parquet' })),
  ];
}

const nameOf = ({ key }: { key: string }): string => key.slice(key.lastIndexOf('/') + 1);

export async function resultFilesOf(row: LedgerRow, listResults: Service['listResults']): Promise<ResultFile[]> {
  const files = keptFiles(row);
  if (files.length === 0) return [];
  const prefixes = [...new Set(files.map(({ key }) => key.slice(0, key.lastIndexOf(row.run)) + row.run))];
  const there = new Set((await Promise.all(prefixes.map((prefix) => listResults(prefix)))).flat());
  return files
    .filter(({ key }) => there.has(key))
    .map((file) => {
      const name = nameOf(file);
      return { title: file.title, name, href: `/api/runs/${row.run}/files/${encodeURIComponent(name)}` };
    });
}

/** Streams a file of a run's results. Throws `Refused` with 404. */
export async function resultFileOf(service: Pick<Service, 'ledger' | 'openResult'>, run: string, name: string) {
  const file = keptFiles(await knownRun(service, run)).find((one) => nameOf(one) === urlDecoded(name));
  if (file === undefined) throw new Refused(404, `Run ${run} has no file ${JSON.stringify(name)} to download.`);
  const gone = refuseIfGone(404, () => `${nameOf(file)} is not in the results bucket any more.`);
  const { size, chunks } = await service.openResult(file.key).catch(gone);
  return download({ name: nameOf(file), type: file.type, size }, chunks());
}
