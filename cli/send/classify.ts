import { limitFunction } from 'p-limit';
import type { ModelRef } from '../../core/base/messages.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { beginTrial, makeModels } from '../../core/releases/models.ts';
import { wasPromoted } from '../../core/releases/promotionHistory.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { connectStack } from '../../local/stack/connect.ts';
import type { DataFolder } from '../../local/stack/dataFolder.ts';
import { coresToUse, type Stack } from '../../local/stack/stack.ts';
import { METRICS_TABLE } from '../../local/tables/tables.ts';
import { checkForNewFolder, packageOf, promotedModel } from '../models/model.ts';
import { eachFile, makeSummary, neverStarted } from './files.ts';
import { type Ended, runScene } from './scene.ts';

type Options = { model?: string; json?: boolean; dataDir: string };

/** The live version of a promoted model; or a package, published for a trial: it counts in no day, unless the version was promoted or has counted before. */
async function tried(folder: DataFolder, tables: Stack['tables'], asked: string): Promise<ModelRef> {
  const { publishModel } = await import('../models/publishModel.ts');
  const bucket = folderBucket(folder.models);
  const source = await packageOf(folder, asked);
  if (source === undefined) return makeModels(bucket.read, asked).promoted();
  const { name, version } = await publishModel(bucket, source);
  const days = await makeMetricsTable(tables, METRICS_TABLE).days({ name, version }, '0000-01-01', '9999-12-31');
  if (days.length === 0 && !(await wasPromoted(bucket, { name, version }))) await beginTrial(bucket, { name, version });
  return { name, version };
}

export async function classify(files: string[], { json, ...options }: Options): Promise<void> {
  const { tell, end } = makeSummary(json === true);
  await classifyEach(files, { ...options, tell: (file, ended, results) => tell({ file, ...ended }, results), end });
}

type Each = Omit<Options, 'json'> & {
  /** Receives the outcome of each file, in their order, and where its results are. */
  tell: (file: string, ended: Ended, results: string) => void;
  end?: () => void;
};

/** Classifies each file with a package, or with the promoted model. */
export async function classifyEach(files: string[], { model: asked, dataDir, tell, end = () => {} }: Each) {
  if (asked !== undefined) await checkForNewFolder(dataDir, asked);
  const send = limitFunction((stack: Stack, file: string) => stack.sendOnce(file), { concurrency: 1 });
  await eachFile<Stack, Ended>(files, {
    open: () => connectStack({ dataDir, command: 'swath classify', cores: coresToUse() }),
    begin: ({ folder, tables }) =>
      asked === undefined ? promotedModel(folder, new Date()) : tried(folder, tables, asked),
    // In order, so that of two equal files the one named first counts.
    work: async (stack, file, model) => runScene(stack, await send(stack, file), model),
    failed: neverStarted,
    tell: (file, ended, { folder }) => tell(file, ended, folder.results),
    end,
    atOnce: 4,
    describe: (done) => `classifying: ${done} of ${files.length} files done`,
    interrupted: 'interrupted. Run the same command again to finish the remaining files.',
  });
}
