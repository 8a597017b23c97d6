import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { writeDayTables } from '../../core/tables/writeDayTables.ts';
import { askOwner } from '../../local/control.ts';
import { readFromFolder, writeToFolder } from '../../local/folderBucket.ts';
import { findOwner } from '../../local/lock.ts';
import { startStack } from '../../local/stack.ts';
import { connectLocalTables } from '../../local/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables.ts';
import { swathHere } from '../swathHere.ts';

const project = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * A data folder of the embedded stack that has classified chips, rows, a mask and a map of values, and a file that is none;
 * and whose day is written for SQL, as the sweep would tomorrow.
 */
export async function makeSqlResults(cwd: string): Promise<{ dataDir: string; results: string; day: string }> {
  const dataDir = join(cwd, 'data');
  mkdirSync(cwd, { recursive: true });
  const classify = async (file: string, ...model: string[]) => {
    const args = ['classify', project(file), '--data-dir', dataDir, ...model];
    const { code, stderr } = await swathHere(args, cwd);
    return { code, stderr };
  };
  const raster = 'samples/sentinel-2/s2-t29unu-60m-256.tif';
  for (const [file, model] of [
    ['samples/droughtwatch/part-r-00012', 'droughtwatch-baseline'],
    ['samples/landsat-statlog/test.csv', 'landsat-statlog'],
    [raster, 's2-scl'],
    [raster, 's2-b8a'],
  ] as const) {
    const { code, stderr } = await classify(file, '--model', project(`models/${model}/1.0.0`));
    if (code !== 0) throw new Error(stderr);
  }
  await classify('LICENSE'); // which is no scene: a run that is INVALID
  return { dataDir, results: join(dataDir, 'results'), day: await writeDay(dataDir) };
}

/** Writes what SQL reads of today, and says which day that is. */
async function writeDay(dataDir: string): Promise<string> {
  const { folder, close, now } = await startStack({ dataDir, command: 'a test' });
  const tables = connectLocalTables(await askOwner<string>((await findOwner(folder.lock))!, 'tables', null));
  try {
    const day = now().toISOString().slice(0, 10);
    await writeDayTables(
      {
        ledger: makeLedger(tables, LEDGER_TABLE),
        metrics: makeMetricsTable(tables, METRICS_TABLE),
        readResult: readFromFolder(folder.results),
        writeResult: writeToFolder(folder.results),
        registerPartition: async () => {},
      },
      day,
    );
    return day;
  } finally {
    tables.destroy();
    await close();
  }
}
