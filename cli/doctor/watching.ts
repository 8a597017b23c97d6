import { STILL_MILLISECONDS } from '../../local/still.ts';
import { type Check, fine, notice } from './check.ts';

/** Whether a process takes what is dropped into the inbox folder of the embedded stack. */
export const watching: Check<{
  inbox: string;
  isWatching: () => Promise<boolean>;
  command: (text: string) => string;
}> = {
  id: 'watching',
  title: 'embedded stack',
  look: async ({ inbox, isWatching, command }) =>
    (await isWatching())
      ? fine(`${inbox} is watched: a file is taken once it stood still for ${STILL_MILLISECONDS / 1000} s`)
      : notice(`nothing watches ${inbox}: files that are dropped there wait`, `Bring it up: ${command('start')}`),
};
