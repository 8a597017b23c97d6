import { type Check, fine, wrong } from './check.ts';

/** That no event lies where those go that could not be delivered. */
export const deadLetters: Check<{ command: (text: string) => string; countDeadLetters: () => Promise<number> }> = {
  id: 'dead letters',
  title: 'dead letters',
  needs: ['stack'],
  look: async ({ command, countDeadLetters }) => {
    const count = await countDeadLetters();
    if (count === 0) return fine('none');
    return wrong(
      `${count === 1 ? 'one event' : `about ${count} events`} could not be delivered`,
      `See what and why: ${command('redrive --dry-run')}. Put them back: ${command('redrive')}`,
    );
  },
};
