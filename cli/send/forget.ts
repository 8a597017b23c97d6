import { counted } from '../../charts/format.ts';
import { onError, TransientTrouble } from '../../core/base/errors.ts';
import { makeForgetRequest, requestsOfInput } from '../../core/doors/requests/forgetRequest.ts';
import { reportsOf } from '../runs/dailyReport.ts';
import { type Where, withService } from '../service/ledger.ts';
import { aboveProgress, bold, dim, print, printable, showProgress, WrongUse } from '../terminal/output.ts';

type Options = Where & { request?: string; input?: string };

/** `swath forget --request ID` or `--input ID`: removes what requests said, keeps what was counted, and writes the days' reports anew. */
export async function forget({ request, input, ...where }: Options): Promise<void> {
  if ((request === undefined) === (input === undefined))
    throw new WrongUse(`found ${input === undefined ? 'none' : 'both'} of --request and --input, allowed is one.`);
  await withService(where, async (service) => {
    const forgetRequest = makeForgetRequest({ ...service, ...service.objects });
    const [days, busy] = [new Set<string>(), [] as TransientTrouble[]];
    let found = 0;
    using endProgress = showProgress(() => (input === undefined ? 'forgetting' : 'reading the stored requests'));
    const ids =
      input === undefined ? [request!] : requestsOfInput(input, service.listResults, service.objects.readVersion);
    for await (const id of ids) {
      found += 1;
      const forgotten = await forgetRequest(id).catch(onError(TransientTrouble, (error) => void busy.push(error)));
      if (forgotten === undefined) continue;
      for (const day of forgotten.days) days.add(day);
      const more = counted(forgotten.predictions, 'prediction');
      const still = forgotten.predictions > 0 ? `\nStill counted, without ids: ${more}.` : '';
      const said = () => `${bold('forgotten')}  the request ${printable(forgotten.request)}${still}`;
      aboveProgress(() => print(where.json, forgotten, said));
    }
    for (const day of days) await reportsOf(service, day);
    endProgress();
    if (found === 0) throw new WrongUse(`no stored request has an input ${JSON.stringify(input)}.`);
    if (days.size > 0 && !where.json) console.log(dim(`Reports were written anew: ${[...days].sort().join(', ')}`));
    if (busy.length > 0) throw new TransientTrouble(busy.map(({ message }) => message).join('\n'));
  });
}
