import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Random } from '../../replay/sfc32.ts';
import { startSwath } from '../swath.ts';
import type { Put } from './audit.ts';
import { blankFile, fileOfChips, invalidFile, type SceneFile } from './sceneFiles.ts';

/** What is done to an inbox, one after the other, while its owner is killed and started again. */
export type Action =
  /** A file is renamed in; under a key that another file had, it is written over that one. */
  | { drop: SceneFile; key: string }
  /** The same bytes under many keys: a folder of bulk files with its marker, and single files beside it. */
  | { equal: SceneFile; keys: string[]; marker: string }
  /** Files are sent by the command line, which may itself be killed in the middle. */
  | { send: SceneFile[]; follow: boolean; killAfter: number | null };

const PART = 512; // more chips than this make a file of several parts

/** How often each sort of action comes. One of each comes first, whatever is drawn. */
const SHARES = { small: 31, middling: 20, large: 3, blank: 5, invalid: 3, second: 8, over: 8, send: 10, equal: 12 };
type Sort = keyof typeof SHARES;
const SORTS = Object.keys(SHARES) as Sort[];
const DRAWN_FROM = SORTS.flatMap((sort) => Array.from({ length: SHARES[sort] }, () => sort));

/** So many actions with what `random` draws for them. */
export function planLoad(count: number, random: Random): Action[] {
  const between = (least: number, most: number) => least + Math.floor(random() * (most + 1 - least));
  const anyOf = <One>(all: One[]): One => all[Math.floor(random() * all.length)]!;
  const dropped: { drop: SceneFile; key: string }[] = [];
  const once = new Set<string>(); // keys that may be written over, and have not been

  const drop = (sort: string, i: number, file: SceneFile): Action => {
    const folder = anyOf(['', '', 'north/', 'south/2026/', `day ${i % 3}/`]);
    const action = { drop: file, key: `${folder}${sort}-${i}` };
    dropped.push(action);
    if (file.kind === 'chips' && sort !== 'second') once.add(action.key);
    return action;
  };
  const make: Record<Sort, (i: number) => Action> = {
    small: (i) => drop('small', i, fileOfChips(`small ${i}`, between(1, 12), random)),
    middling: (i) => drop('middling', i, fileOfChips(`middling ${i}`, between(40, 120), random)),
    large: (i) => drop('large', i, fileOfChips(`large ${i}`, between(PART + 20, PART + 150), random)),
    blank: (i) => drop('blank', i, blankFile(`blank ${i}`, between(1, 5))),
    invalid: (i) => drop('invalid', i, invalidFile(`invalid ${i}`, random)),
    second: (i) => {
      const keys = [...once];
      const first = anyOf(dropped.filter(({ key, drop: { kind } }) => kind !== 'chips' || keys.includes(key)));
      once.delete(first.key); // whose bytes count twice are not written over, or nobody could say how often
      return drop('second', i, first.drop);
    },
    over: (i) => {
      const key = anyOf([...once]);
      once.delete(key);
      return { drop: fileOfChips(`over ${i}`, between(1, 12), random), key };
    },
    equal: (i) => {
      const folder = `bulk/equal-${i}/`;
      const inBulk = Array.from({ length: between(3, 12) }, (_, n) => `${folder}${n}`);
      const beside = Array.from({ length: between(0, 3) }, (_, n) => `equal-${i}-${n}`);
      const file = fileOfChips(`equal ${i}`, between(1, 8), random);
      return { equal: file, keys: [...inBulk, ...beside], marker: `${folder}_DONE` };
    },
    send: (i) => ({
      send: Array.from({ length: between(1, 3) }, (_, n) => fileOfChips(`sent ${i} ${n}`, between(1, 12), random)),
      follow: random() < 0.3,
      killAfter: random() < 0.3 ? between(300, 1500) : null,
    }),
  };
  return Array.from({ length: count }, (_, i) => {
    const sort = SORTS[i] ?? anyOf(DRAWN_FROM);
    return make[once.size === 0 ? 'small' : sort](i);
  });
}

/** Every content of a plan, once. */
export function contentsOf(actions: Action[]): Map<string, SceneFile> {
  const files = actions.flatMap((action) => {
    if ('equal' in action) return [action.equal];
    return 'drop' in action ? [action.drop] : action.send;
  });
  return new Map(files.map((file) => [file.sha256, file]));
}

/** Does what is planned to the inbox of `data`; `home` holds the files that are sent. */
export function makeWriter(data: string, home: string) {
  const puts: Put[] = [];
  const unsent = new Map<string, string>();
  const turn = pLimit(1);
  const counts = { dropped: 0, writtenOver: 0, sends: 0, sendsKilled: 0, sendsFailed: 0 };

  function drop(file: SceneFile, key: string): void {
    const former = puts.find((put) => put.key === key);
    if (former !== undefined) former.isFormer = true;
    counts[former === undefined ? 'dropped' : 'writtenOver'] += 1;
    place(key, file.bytes);
    puts.push({ key, sha256: file.sha256, kind: file.kind });
  }

  function place(key: string, bytes: Uint8Array): void {
    const aside = join(data, '.dropping');
    const path = join(data, 'inbox', ...key.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(aside, bytes);
    renameSync(aside, path);
  }

  async function send({ send: files, follow, killAfter }: Extract<Action, { send: SceneFile[] }>): Promise<void> {
    const paths = files.map((file) => {
      const name = `scene-${file.sha256.slice(-8)}`;
      const path = join(home, name);
      writeFileSync(path, file.bytes);
      unsent.set(path, file.sha256);
      puts.push({ key: `${file.sha256.slice(0, 12)}/${name}`, sha256: file.sha256, kind: file.kind });
      return path;
    });
    await turn(() => sendFiles(paths, follow, killAfter));
  }

  async function sendFiles(paths: string[], follow: boolean, killAfter: number | null): Promise<void> {
    const args = ['send', ...paths, '--data-dir', data, '--json', ...(follow ? [] : ['--no-follow'])];
    const sending = startSwath(args, home);
    const killing = killAfter === null ? undefined : setTimeout(() => sending.kill('SIGKILL'), killAfter);
    const { code, signal } = await sending.ended;
    clearTimeout(killing);
    counts.sends += 1;
    if (code === 0) for (const path of paths) unsent.delete(path);
    else counts[signal === null ? 'sendsFailed' : 'sendsKilled'] += 1;
  }

  return {
    puts,
    counts,
    /** Does all of it, with a moment of `milliseconds` on the average between two, unless it is told to stop. */
    write: async (actions: Action[], milliseconds: number, random: Random, signal: AbortSignal): Promise<void> => {
      for (const action of actions) {
        if (signal.aborted) return;
        if ('drop' in action) drop(action.drop, action.key);
        else if ('equal' in action) {
          for (const key of action.keys) drop(action.equal, key);
          place(action.marker, new Uint8Array());
        } else await send(action);
        await pause(2 * random() * milliseconds);
      }
    },
    /** Sends once more what was not said to have arrived, as a person would. */
    sendRest: async (): Promise<void> => {
      if (unsent.size > 0) await sendFiles([...unsent.keys()], false, null);
      if (unsent.size > 0) throw new Error(`could not be sent: ${[...unsent.keys()].join(', ')}`);
    },
    /** Does something while no `swath send` is at work, which might have the folder. */
    whileNothingIsSent: turn,
  };
}
