import { runbookSection } from '../../observability/alarms.ts';
import { type Check, fine, notice, type WithService, wrong } from './check.ts';

/**
 * Which alarms stand. One that has gone off is no fault of the installation, which this is about: it shows that the
 * watching works, and its own e-mail tells of it.
 */
export const alarms: Check<WithService<'readAlarms'>> = {
  id: 'alarms',
  title: 'alarms',
  needs: ['stack'],
  look: async ({ service }) => {
    const { readAlarms } = await service();
    const all = await readAlarms();
    if (all.length === 0) return wrong('there is not one alarm', 'Deploy the stage again.');
    const loud = all.filter(({ state }) => state === 'ALARM');
    if (loud.length === 0) return fine(`none of ${all.length} has gone off`);
    const told = loud.map(({ id, since }) => `${id} since ${since.replace(/\.\d+Z$/, 'Z')}`);
    return notice(
      `${loud.length} of ${all.length} in ALARM: ${told.join(', ')}`,
      `Read ${loud.map(({ id }) => runbookSection(id)).join(', ')}`,
    );
  },
};
