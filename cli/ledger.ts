import { connectStack } from '../local/connect.ts';
import { OwnerGone } from '../local/control.ts';
import { embeddedService } from '../local/embeddedService.ts';
import type { Service } from '../observability/service.ts';

/** Where to look: the embedded stack's data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

/** The embedded stack of a data folder, or a deployed stage. */
async function openService(where: Where): Promise<Service> {
  if (where.stage === undefined)
    return embeddedService(await connectStack({ dataDir: where.dataDir, command: 'swath' }));
  const { openStage } = await import('./stage.ts'); // the embedded stack has no use for the clients
  return openStage(where.stage, where);
}

/** Does something with the embedded stack or a stage, and lets go of it. */
export async function withService<Result>(where: Where, work: (service: Service) => Promise<Result>): Promise<Result> {
  for (;;) {
    const service = await openService(where);
    try {
      return await work(service);
    } catch (error) {
      if (!(error instanceof OwnerGone)) throw error; // else the folder is free: once more, with a stack of our own
    } finally {
      await service.idle(); // another process may have files on their way here
      await service.close();
    }
  }
}
