import { type Command, Option } from 'commander';
import { type MlflowOrigin, parseWatched } from '../../core/models/origins/origin.ts';
import { urlHost } from '../../core/online/urlHost.ts';
import { webhookAddress } from '../../core/webhookAddress.ts';
import { isStageName, stageNameRule } from '../../deployment/stageName.ts';
import { fifteenDays } from '../../replay/plan.ts';
import { WrongUse } from '../failure.ts';
import { DATA_DIR } from '../where.ts';

/** What several commands share: options, what they allow, and how a command's code is loaded. */

export const dataDir = () =>
  new Option('--data-dir <folder>', 'where the embedded stack keeps everything').default(DATA_DIR);
export const region = () => new Option('--region <region>', 'of the stage; default: as the AWS command line has it');
export const profile = () => new Option('--profile <name>', 'the AWS credentials to use');
export const json = () => new Option('--json', 'print JSON for scripts, and nothing else, on stdout');

/** A command that is about the embedded stack or about a stage. */
export function somewhere(command: Command): Command {
  return command
    .addOption(json())
    .addOption(dataDir())
    .option('--stage <stage>', 'a deployed stage instead of the embedded stack', stageName)
    .addOption(region())
    .addOption(profile());
}

export function examples(...commands: string[]): string {
  return `\nExample${commands.length === 1 ? '' : 's'}:\n${commands.map((command) => `  $ npx swath ${command}`).join('\n')}`;
}

export const EXIT_CODES = `
Exit code: 0 when every file is done, empty, a duplicate or was done before;
1 when one failed or is invalid; 2 on wrong use.`;

/** A stage that can have been deployed. */
export function stageName(text: string): string {
  if (isStageName(text)) return text;
  throw new WrongUse(`--stage: found ${JSON.stringify(text)}, allowed are ${stageNameRule}.`);
}

/** A webhook's address; what is said of another one does not repeat it, as it may be a secret. */
export function webhook(text: string): URL {
  const address = webhookAddress(text, { isLoopbackFine: true });
  if (address !== undefined) return address;
  throw new WrongUse(
    '--alarm-webhook: allowed is an address that begins with https:// and has no user in it, or one of this machine itself.',
  );
}

/** An alias of a model registry that a sweep looks at. */
export function watchedAlias(text: string): MlflowOrigin {
  try {
    return parseWatched(text);
  } catch (error) {
    throw new WrongUse(`--model-watch: ${(error as Error).message}.`);
  }
}

/** Of an option that may be given several values. */
export function urlHosts(text: string, before: readonly string[] = []): string[] {
  const host = urlHost(text);
  if (host !== undefined) return [...before, host];
  throw new WrongUse(
    `--url-hosts: found ${JSON.stringify(text)}, allowed are hosts such as images.example.com, or with a port.`,
  );
}

export const portNumber = wholeNumber('--port', 1, 65535);
/** 0 is any that is free. */
export const anyPort = wholeNumber('--port', 0, 65535);
export const windowSeconds = wholeNumber('--arrivals-window', 0, 300);
export const threads = wholeNumber('--threads', 1, 256);
export const maxBatch = wholeNumber('--max-batch', 1, 256);
export const maxWait = wholeNumber('--max-wait', 0, 1000);
export const count = wholeNumber('--limit', 1);
export const atOnce = wholeNumber('--at-once', 1, 900);
export const dayNumber = wholeNumber('--from-day', 1, fifteenDays.length);
export const seed = wholeNumber('--seed', 0, 2 ** 32 - 1);

function wholeNumber(option: string, least: number, most = Infinity) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
    const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
    throw new WrongUse(`${option}: found ${JSON.stringify(text)}, allowed is a whole number ${range}.`);
  };
}

/** Above 0, up to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new WrongUse(`--share: found ${JSON.stringify(text)}, allowed is a number above 0, up to 1.`);
}

export function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1440) return value;
  throw new WrongUse(`--minutes-per-day: found ${JSON.stringify(text)}, allowed is a number above 0, up to 1440.`);
}

/** A command's code is loaded when it is called: each brings along what no other needs. */
export function lazily<Given extends unknown[]>(load: () => Promise<(...given: Given) => Promise<void>>) {
  return async (...given: Given) => (await load())(...given);
}
