import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { writeDayTables } from '../../core/tables/writeDayTables.ts';
import { readFromFolder, writeToFolder } from '../../local/buckets/folderBucket.ts';
import { type OwnStack, startStack } from '../../local/stack/stack.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { shardRaster } from '../suite/shardRaster.ts';
import { swathHere } from '../swathHere.ts';

const project = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * A data folder of the embedded stack that has classified chips, also of a raster of January 2018, rows, a mask and a map of values, and a file that is none;
 * and whose day is written for SQL, as the sweep would tomorrow.
 */
export async function makeSqlResults(cwd: string): Promise<{ dataDir: string; results: string; day: string }> {
  const dataDir = join(cwd, 'data');
  mkdirSync(cwd, { recursive: true });
  const stack = await startStack({ dataDir, command: 'a test' }); // its workers serve each command
  try {
    await classifyAll(cwd, dataDir);
    return { dataDir, results: join(dataDir, 'results'), day: await writeDay(stack) };
  } finally {
    await stack.close();
  }
}

async function classifyAll(cwd: string, dataDir: string): Promise<void> {
  const kenya = join(cwd, 'kenya.tif');
  writeFileSync(kenya, shardRaster('2018:01:06 15:33:21'));
  const classify = async (file: string, ...model: string[]) => {
    const args = ['classify', file, '--data-dir', dataDir, ...model];
    const { code, stderr } = await swathHere(args, cwd);
    return { code, stderr };
  };
  const raster = project('samples/sentinel-2/s2-t29unu-60m-256.tif');
  for (const [file, ...model] of [
    [project('samples/droughtwatch/part-r-00012')],
    [kenya],
    [project('samples/landsat-statlog/test.csv'), '--model', project('models/landsat-statlog/1.0.0')],
    [raster, '--model', project('models/s2-scl/1.0.0')],
    [raster, '--model', project('models/s2-b8a/1.0.0')],
  ] as const) {
    const { code, stderr } = await classify(file, ...model);
    if (code !== 0) throw new Error(stderr);
  }
  await classify(project('LICENSE')); // which is no scene: a run that is INVALID
}

/** Writes what SQL reads of today, and says which day that is. */
async function writeDay({ folder, tables, now }: OwnStack): Promise<string> {
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
}
