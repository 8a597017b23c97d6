import { connectStack } from '../../local/stack/connect.ts';
import { assertDataFolder, type Where } from '../service/ledger.ts';
import { isDenied } from '../terminal/explainAwsError.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { aboveProgress, bold, dim, print, printable, sentenceOf, showProgress, styled } from '../terminal/output.ts';
import { wiring } from './canary.ts';
import { type Check, type Finding, type Looked, lookAtAll, wrong } from './check.ts';
import type { EmbeddedPorts } from './embeddedPorts.ts';
import { alarms, buckets, feeds, model, outbox, tables, watching } from './serviceChecks.ts';
import { arrivalsRule, credentials, deadLetters, inboxEvents, stack, subscription, sweepRule } from './stageChecks.ts';
import type { StagePorts } from './stagePorts.ts';

/** The checks of a stage, in order: each comes after those that it needs. */
export const STAGE_CHECKS: Check<StagePorts>[] = [
  credentials,
  stack,
  buckets,
  tables,
  model,
  subscription,
  arrivalsRule,
  sweepRule,
  inboxEvents,
  deadLetters,
  feeds,
  alarms,
  wiring,
];

export const LAPTOP_CHECKS: Check<EmbeddedPorts>[] = [watching, buckets, tables, model, outbox, feeds, alarms, wiring];

export async function doctor(where: Where): Promise<void> {
  using interrupt = stopOnInterrupt();
  const { stopped, wait } = interrupt;
  const time = { clock: Date.now, wait };
  const looked = await (where.stage === undefined ? lookAtEmbedded() : lookAtStage(where.stage));
  const isWell = looked.every(({ status }) => status !== 'wrong');
  print(where.json, { isWell, stage: where.stage ?? 'local', checks: looked }, () => summaryOf(looked));
  process.exitCode = isWell ? 0 : 1;

  async function lookAtStage(stage: string): Promise<Looked[]> {
    const { openStagePorts } = await import('./stagePorts.ts');
    await using ports = openStagePorts(stage, where, time);
    return await lookAndTell(STAGE_CHECKS, ports, where, stopped);
  }

  async function lookAtEmbedded(): Promise<Looked[]> {
    assertDataFolder(where);
    const { openEmbeddedPorts } = await import('./embeddedPorts.ts');
    const stack = await connectStack({ dataDir: where.dataDir, command: 'swath doctor' });
    return lookAndTell(LAPTOP_CHECKS, openEmbeddedPorts(stack, where, time), where, stopped).finally(stack.close);
  }
}

async function lookAndTell<Ports>(checks: Check<Ports>[], ports: Ports, { json }: Where, stopped: AbortSignal) {
  const width = Math.max(...checks.map(({ id, title = id }) => title.length));
  const looked: Looked[] = [];
  let doing = '';
  using _line = showProgress(() => `looking at: ${doing}`);
  const explain = (error: unknown): Finding => {
    stopped.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const said = sentenceOf(error);
    // A missing permission to check something does not mean that it is wrong.
    return isDenied(error) ? { ...wrong(`you may not look at it: ${said}`), letsOthersLook: true } : wrong(said);
  };
  for await (const one of lookAtAll(checks, ports, { onLook: (title) => (doing = title), explain })) {
    looked.push(one);
    if (json !== true) aboveProgress(() => console.log(lineOf(one, width)));
  }
  return looked;
}

const SIGNS = {
  fine: styled('green', '✓'),
  notice: styled('yellow', '!'),
  wrong: styled('red', '✗'),
  'not looked at': dim('–'),
} as const;

function lineOf({ status, title, found, todo }: Looked, width: number): string {
  const line = `${SIGNS[status]} ${bold(title.padEnd(width))}  ${printable(found)}`;
  return todo === undefined ? line : `${line}\n${' '.repeat(width + 4)}${printable(todo)}`;
}

/** The last line. An alarm that is on is no fault of the installation, but the line must not say that all is well. */
export function summaryOf(looked: Looked[]): string {
  const faults = looked.filter(({ status }) => status === 'wrong').length;
  if (faults > 0) return `\n${faults === 1 ? 'One thing is' : `${faults} things are`} wrong.`;
  return looked.every(({ status }) => status === 'fine')
    ? '\nAll is well.'
    : '\nNothing that was checked is wrong: see above.';
}
