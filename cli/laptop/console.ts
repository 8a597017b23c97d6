import type { Console } from '../../console/server.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { tryModel } from '../models/tryModel.ts';
import { type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, sentenceOf } from '../terminal/output.ts';

export async function serveConsole({ port, ...where }: Where & { port?: number }): Promise<void> {
  const { startConsole } = await import('../../console/server.ts'); // no other command bundles a page
  const stopped = new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  let last = '';
  const tell = (error: unknown) => {
    const sentence = sentenceOf(error);
    if (sentence !== last) console.error(`swath: ${sentence}`); // background reads of the page repeat theirs
    last = sentence;
  };
  let ownerGone: PromiseWithResolvers<never>;
  const gone = new Set<unknown>();
  const onError = (error: unknown) => {
    if (!(error instanceof OwnerGone)) return tell(error);
    // A client that has retried for a while may tell late of a process whose place another one has taken.
    if (error.port === undefined || !gone.has(error.port)) ownerGone.reject(error);
    gone.add(error.port);
  };
  let served: Console | undefined;
  await withService(where, async (service) => {
    ownerGone = Promise.withResolvers();
    ownerGone.promise.catch(() => {}); // it may reject before anyone awaits it
    if (served === undefined) {
      served = await startConsole({ service, tryModel, onError, ...(port !== undefined && { port }) });
      const what = where.stage === undefined ? 'the embedded stack' : `the stage ${where.stage}`;
      const invitation = `The console of ${what} is at ${bold(served.url)}\n${dim('Ctrl-C stops.')}`;
      print(where.json, { url: served.url }, () => invitation);
    } else served.follow(service); // the process that owned the data folder ended: the page finds the next owner
    await Promise.race([stopped, ownerGone.promise]);
    await served.close();
  }).finally(() => served?.close());
}
