import { counted } from '../../charts/format.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { makeForgetRequest } from '../../core/doors/requests/forgetRequest.ts';
import { reportsOf } from '../runs/dailyReport.ts';
import { type Where, withService } from '../service/ledger.ts';
import { showProgress } from '../terminal/progress.ts';
import { bold, dim, printable } from '../terminal/text.ts';

/** `swath forget --request ID`: removes what a request said, keeps what was counted, and writes the days' reports anew. */
export async function forget({ request, ...where }: Where & { request: string }): Promise<void> {
  await withService(where, async (service) => {
    using endProgress = showProgress(() => 'forgetting');
    const forgotten = await makeForgetRequest({ ...service, ...service.objects })(request);
    for (const day of forgotten.days) await reportsOf(service, day);
    endProgress();
    if (where.json === true) return void console.log(jsonLine(forgotten));
    const { predictions, days } = forgotten;
    console.log(`${bold('forgotten')}  the request ${printable(request)}`);
    const count = predictions === 1 ? 'counts' : 'count';
    if (predictions > 0) console.log(`${counted(predictions, 'prediction')} of it still ${count}, without ids.`);
    if (days.length > 0) console.log(dim(`Reports were written anew: ${days.join(', ')}`));
  });
}
