import { counted } from '../../charts/format.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { type Forgotten, makeForgetRequest } from '../../core/doors/requests/forgetRequest.ts';
import { withService } from '../service/ledger.ts';
import { commandFor, type Where } from '../service/where.ts';
import { bold, dim, printable } from '../terminal/text.ts';

/** `swath forget --request ID`: removes what a request said, and keeps what was counted. */
export async function forget({ request, ...where }: Where & { request: string }): Promise<void> {
  await withService(where, async (service) => {
    const objects = { ...service.truth.objects, ...service.resultVersions };
    const forgotten = await makeForgetRequest({ ...service, ...service.truth, ...service.resultVersions, objects })(
      request,
    );
    console.log(where.json === true ? jsonLine(forgotten) : shown(forgotten, where));
  });
}

function shown({ request, predictions, days }: Forgotten, where: Where): string {
  const reports = days.map(({ day, model: { name, version } }) => `${day} (${name} ${version})`);
  const next = `Reports that may have shown it are written again by the next sweep: ${reports.join(', ')}. Now: ${commandFor(where, 'sweep')}`;
  return [
    `${bold('forgotten')}  the request ${printable(request)}`,
    `${counted(predictions, 'prediction')} of it ${predictions === 1 ? 'is' : 'are'} still counted, without ids.`,
    ...(reports.length === 0 ? [] : [dim(printable(next))]),
  ].join('\n');
}
