/** Where to look: the embedded stack's data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

/** The data folder where nobody names another one. */
export const DATA_DIR = '.swath';

/** A command to be run about the same place, as one would type it. */
export function commandFor({ dataDir, stage, region, profile }: Partial<Where>, command: string): string {
  const folder = stage === undefined && dataDir !== DATA_DIR ? dataDir : undefined;
  const options = Object.entries({ stage, region, profile, 'data-dir': folder }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return ['npx swath', command, ...options].join(' ');
}

function quoted(value: string): string {
  return /^[\w./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
