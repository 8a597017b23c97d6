import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SceneRef } from '../core/base/messages.ts';
import { connectLocalTables } from '../local/tables/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { startMeter } from './meter.ts';
import { startPackagedPipeline } from './packagedPipeline.ts';
import { startPackagedService } from './packagedService.ts';
import { writeSceneFile } from './sceneFiles.ts';

/** A stage of packaged functions that are warm, with the meter between them and the stand-in for AWS. */
export async function startMeteredStage(folder: string, cores: readonly number[]) {
  const service = await startPackagedService(join(folder, 'packaged'), cores);
  const { aws, environment } = service;
  const names = { ledger: environment['LEDGER_TABLE']!, metrics: environment['METRICS_TABLE']! };
  const results = environment['RESULTS_BUCKET']!;
  const tables = connectLocalTables(aws.tables);
  const meter = await startMeter({
    endpoint: aws.endpoint,
    tables,
    tableNames: new Map([
      [names.ledger, LEDGER_TABLE],
      [names.metrics, METRICS_TABLE],
    ]),
  });
  const pipeline = await startPackagedPipeline((name) => service.warm(name, meter.endpoint));
  let seed = 0;

  function drop(chips: number, { keyPrefix = '', modified = new Date() } = {}): SceneRef {
    const path = join(folder, 'scene');
    writeSceneFile(path, chips, ++seed);
    return service.drop(`${keyPrefix}file-${seed}`, readFileSync(path), modified);
  }

  return {
    service,
    aws,
    names,
    results,
    tables,
    meter,
    pipeline,
    drop,
    close: () => {
      pipeline.stop();
      meter.close();
      tables.destroy();
      service.close();
    },
  };
}
