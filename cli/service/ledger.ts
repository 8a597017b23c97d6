import { existsSync } from 'node:fs';
import type { Service } from '../../console/service.ts';
import { NoModelPromoted } from '../../core/base/errors.ts';
import { connectStack } from '../../local/stack/connect.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { isDataFolder, NoDataFolder, removeUnused } from '../../local/stack/dataFolder.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import { WrongUse } from '../terminal/output.ts';
import { howToPromote } from './publishedVersions.ts';
import { commandFor, type Where } from './where.ts';

export { commandFor, quoted, type Where } from './where.ts';

/** Opens the embedded stack of a data folder, or a deployed stage; `cores` limits concurrent inference if this process runs the stack. */
export async function openService(where: Where, cores?: number): Promise<Service> {
  const { dataDir, stage, region, profile } = where;
  if (stage !== undefined) {
    const { openStage } = await import('./stage.ts'); // the embedded stack does not need the AWS clients
    return openStage(stage, where);
  }
  if (region !== undefined || profile !== undefined)
    throw new WrongUse(`--${region === undefined ? 'profile' : 'region'} needs --stage: name the stage as well.`);
  return embeddedService(await connectStack({ dataDir, command: 'swath', ...(cores !== undefined && { cores }) }));
}

/** Commands that only read create no data folder: they throw `NoDataFolder` if the embedded stack has none yet. */
export function assertDataFolder({ stage, region, profile, dataDir }: Where): void {
  if ([stage, region, profile].every((one) => one === undefined) && !isDataFolder(dataDir))
    throw new NoDataFolder(
      `${dataDir}: is not the folder of an embedded stack. Name one with --data-dir, or make one: ${commandFor({ dataDir }, 'start')}`,
    );
}

/** Runs a function with the embedded stack or a stage, and closes it. A data folder that was made for it, and has nothing in its buckets, goes again. */
export async function withService<Result>(
  where: Where,
  work: (service: Service) => Promise<Result>,
  { mayBeNew = false, isForTables = false } = {},
): Promise<Result> {
  if (!mayBeNew) assertDataFolder(where);
  const isMade = where.stage === undefined && !isForTables && !existsSync(where.dataDir);
  for (;;) {
    const service = await openService(where);
    try {
      return await work(service);
    } catch (error) {
      if (error instanceof NoModelPromoted)
        throw new NoModelPromoted(`${error.message} ${await howToPromote(service.modelBucket, where)}`, {
          cause: error,
        });
      if (!(error instanceof OwnerGone)) throw error; // otherwise the folder is free: try again with a stack of our own
    } finally {
      await service.idle(); // another process may have files in progress here
      await service.close();
      if (isMade) removeUnused(where.dataDir);
    }
  }
}
