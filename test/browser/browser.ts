import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

type Environment = Record<string, string | undefined>;

/** What Chromium and its like are called on the search path. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];
const MAC_APPLICATIONS = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const WINDOWS_PROGRAMS = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];

/** No updates, no reports, no second protocol: nothing but what the page itself asks for. */
const FLAGS = [
  '--no-sandbox', // as root it has none, and in most containers neither
  '--disable-gpu',
  '--disable-dev-shm-usage', // containers often have 64 MB of /dev/shm, and a tab that needs more crashes
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of an installed browser of Chromium's family: CHROMIUM_PATH, or where systems usually have one; undefined
 * where there is none.
 * @throws Error when CHROMIUM_PATH names nothing
 */
export function findBrowser(
  environment: Environment = process.env,
  isThere: (path: string) => boolean = existsSync,
): string | undefined {
  const { CHROMIUM_PATH: named } = environment;
  if (named === undefined || named === '') return usualPlaces(environment).find(isThere);
  if (!isThere(named)) throw new Error(`CHROMIUM_PATH is ${named}, and there is no such file.`);
  return named;
}

function usualPlaces({ PATH = '', HOME = '', ...environment }: Environment): string[] {
  const folders = [...PATH.split(delimiter).filter((folder) => folder !== ''), '/usr/bin', '/snap/bin'];
  const programs = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => environment[name] ?? []);
  return [
    ...folders.flatMap((folder) => COMMANDS.map((command) => join(folder, command))),
    ...['/Applications', join(HOME, 'Applications')].flatMap((folder) =>
      MAC_APPLICATIONS.map((name) => `${folder}/${name}.app/Contents/MacOS/${name}`),
    ),
    ...programs.flatMap((folder) => WINDOWS_PROGRAMS.map((path) => join(folder, path))),
  ];
}

/**
 * Why the suite cannot run here; false where it can.
 * @throws Error where it must: SWATH_BROWSER is `required`
 */
export function reasonToSkip(browser: string | undefined, environment: Environment = process.env): string | false {
  if (browser !== undefined) return false;
  const reason =
    'no browser: neither CHROMIUM_PATH nor one of the usual places has Chromium, Chrome or Edge. The page of the console was not tested.';
  if (environment['SWATH_BROWSER'] === 'required')
    throw new Error(`SWATH_BROWSER is "required", and there is ${reason}`);
  return reason;
}

export async function launch(executablePath: string): Promise<Browser> {
  const { chromium } = await import('playwright-core'); // half a second, which who looks for a browser only does not need
  return chromium.launch({ executablePath, args: FLAGS });
}
