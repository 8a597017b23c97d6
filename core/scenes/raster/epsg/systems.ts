import { lazily } from '../../../base/lazily.ts';
import type { Operation, System } from '../placement.ts';

/** A geographic system, and its datum: its code, and what well-known text of any version calls it. */
export type Datum = {
  readonly code: number;
  readonly datumCode: number;
  readonly name: string;
  readonly datum: readonly [string, ...string[]];
};

type Table = {
  readonly systems: ReadonlyMap<number, { definition: string; operations: readonly number[] }>;
  readonly operations: readonly Operation[];
  readonly datums: readonly Datum[];
};

/** Most scenes lie in WGS84, whose systems need no table. */
const load = lazily(async (): Promise<Table> => {
  const { default: file } = await import('./systems.json', { with: { type: 'json' } });
  const numbers = (text: string) => (text === '' ? [] : text.split(' ').map(Number));
  return {
    systems: new Map(
      file.systems.map((line) => {
        const [code, definition, operations] = line.split('|') as [string, string, string];
        return [Number(code), { definition, operations: numbers(operations) }];
      }),
    ),
    operations: file.operations.map((line) => {
      const [area, accuracy, shift, meridian] = line.split('|') as [string, string, string, string];
      return {
        area: numbers(area) as unknown as Operation['area'],
        accuracy: accuracy === '' ? null : Number.parseFloat(accuracy),
        isOffshore: accuracy.endsWith('offshore'),
        shift: numbers(shift),
        ...(meridian !== '' && { meridian: Number(meridian) }),
      };
    }),
    datums: file.datums.map((line) => {
      const [code, datumCode, name, ...datum] = line.split('|') as [string, string, string, string, ...string[]];
      return { code: Number(code), datumCode: Number(datumCode), name, datum: datum as [string, ...string[]] };
    }),
  };
});

/** Returns one of EPSG's projected or geographic systems; null if PROJ cannot place it, or does not know it. */
export async function epsgSystem(code: number): Promise<System | null> {
  const { systems, operations } = await load();
  const found = systems.get(code);
  return found ? { ...found, operations: found.operations.map((i) => operations[i]!) } : null;
}

export async function findDatum(isIt: (datum: Datum) => boolean): Promise<Datum | null> {
  const { datums } = await load();
  return datums.find(isIt) ?? null;
}

/** Names differ in case, spaces and underscores between versions of well-known text. */
export const plainName = (name: string): string =>
  name
    .replace(/^D_/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]|ensemble$/g, '');
