import type { Service } from '../../console/service.ts';
import { InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { type FollowPorts, makeFollowCandidate } from '../../core/releases/comparison/followCandidate.ts';
import { type MlflowOrigin, originText } from '../../core/releases/origins/origin.ts';
import type { CheckModel } from '../../core/releases/publishPackage.ts';
import { type Look, type WatchPorts, watchAlias } from '../../core/releases/watchAlias.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { bold, dim, printable } from '../terminal/output.ts';
import { openOrigin } from './openOrigin.ts';
import { checkModel } from './publishModel.ts';
import { ModelTrialFailed, tryModel } from './tryModel.ts';

const EXIT_CODES = { candidate: 0, promoted: 0, unchanged: 0, unreachable: 1, held: 2, refused: 2 };

/** `swath model watch mlflow:NAME@ALIAS`: does once what sweeps do for the alias in the parameter modelWatch. */
export async function watch(origin: MlflowOrigin, where: Where): Promise<void> {
  // Printed here, so a later sweep does not report it again.
  const tell = async () => {};
  const look = (service: Service) => lookAt(origin, { ...service, ...service.parameters, tell }, where);
  const { outcome, said, candidate } = await withService(where, look, { mayBeNew: true });
  process.exitCode = EXIT_CODES[outcome];
  if (where.json === true) return console.log(jsonLine({ from: originText(origin), outcome, said, ...candidate }));
  if (candidate === null) console.error(`swath: ${printable(said)}`);
  else console.log(outcome === 'unchanged' ? printable(said) : bold(printable(said)));
  if (outcome !== 'candidate' || candidate === null) return;
  const command = commandFor(where, `model promote ${candidate.name}/${candidate.version}`);
  console.log(dim(`To let it classify what comes from now on: ${command}`));
}

/** Checks the alias with the caller's credentials; the model is tried before it is published. */
export function lookAt(
  origin: MlflowOrigin,
  { tell, ...ports }: Omit<FollowPorts, 'tryModel'> & Pick<WatchPorts, 'tell'>,
  where: Partial<Where>,
): Promise<Look> {
  const from = originText(origin);
  const open = () => openOrigin(origin, where);
  const follow = makeFollowCandidate({ ...ports, tryModel }, from);
  const { modelBucket: bucket, now } = ports;
  return watchAlias({ from, open, bucket, checkModel: checkOrRefuse, follow, tell, place: where, now });
}

/** Refuses a model that takes too much time or memory in its trial, so that it is reported only once. */
const checkOrRefuse: CheckModel = (...tried) =>
  checkModel(...tried).catch(insteadOf(ModelTrialFailed, (cause) => new InvalidModelPackage(cause.message, { cause })));
