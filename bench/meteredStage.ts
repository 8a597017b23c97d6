import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import type { SceneRef } from '../core/base/messages.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { makeMeter } from './meter.ts';
import { startPackagedPipeline } from './packagedPipeline.ts';
import { startPackagedService } from './packagedService.ts';
import { writeSceneFile } from './sceneFiles.ts';

/** A stage of packaged functions that are warm, whose requests are counted. */
export async function startMeteredStage(folder: string, cores: readonly number[]) {
  let tables!: DynamoDBDocument;
  const meter = makeMeter(
    () => tables,
    (table) => (table.endsWith('-ledger') ? LEDGER_TABLE : METRICS_TABLE),
  );
  const service = await startPackagedService(join(folder, 'packaged'), cores, meter.observe);
  const { aws, environment } = service;
  const names = { ledger: environment['LEDGER_TABLE']!, metrics: environment['METRICS_TABLE']! };
  const results = environment['RESULTS_BUCKET']!;
  tables = connectLocalTables(aws.tables);
  const pipeline = await startPackagedPipeline(service.warm);
  let seed = 0;

  function drop(chips: number, { keyPrefix = '', modified = new Date() } = {}): SceneRef {
    const path = join(folder, 'scene');
    writeSceneFile(path, chips, ++seed);
    return service.drop(`${keyPrefix}file-${seed}`, readFileSync(path), modified);
  }

  function close(): void {
    pipeline.stop();
    tables.destroy();
    service.close();
  }

  return { service, aws, names, results, tables, meter, pipeline, drop, close };
}
