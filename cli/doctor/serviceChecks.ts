import { InvalidModelPackage, isUnusable, ObjectNotFound, onError } from '../../core/base/errors.ts';
import { packageKey } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { percent } from '../../core/base/text/numbers.ts';
import { latestWritten } from '../../core/base/time/clocks.ts';
import { dayOf } from '../../core/base/time/days.ts';
import { feedsIn, hostOf } from '../../core/feeds/feed.ts';
import { warningsOn } from '../../core/package/notes.ts';
import { readJson } from '../../core/package/packageFile.ts';
import { preparedUnlike } from '../../core/package/preparesAlike.ts';
import type { Models } from '../../core/releases/contract.ts';
import { STILL_MILLISECONDS } from '../../local/buckets/still.ts';
import { type Email, LAPTOP, runbookSection } from '../../observability/alarms.ts';
import { type Check, type Finding, fine, notice, type WithService, wrong } from './check.ts';

/** Checks that a process takes files dropped into the inbox folder of the embedded stack. */
export const watching: Check<{ inbox: string; isWatching: () => Promise<boolean>; command: (text: string) => string }> =
  {
    id: 'watching',
    title: 'embedded stack',
    look: async ({ inbox, isWatching, command }) =>
      (await isWatching())
        ? fine(`${inbox} is watched: a file is taken once it stood still for ${STILL_MILLISECONDS / 1000} s`)
        : notice(`nothing watches ${inbox}: files that are dropped there wait`, `Bring it up: ${command('start')}`),
  };

export const buckets: Check<{ reachBucket: (bucket: 'inbox' | 'results' | 'models') => Promise<string> }> = {
  id: 'buckets',
  needs: ['stack'],
  look: async ({ reachBucket }) =>
    fine([await reachBucket('inbox'), await reachBucket('results'), await reachBucket('models')].join(', ')),
};

export const tables: Check<WithService<'ledger' | 'metrics' | 'parameters' | 'now'>> = {
  id: 'tables',
  needs: ['stack'],
  look: async ({ service }) => {
    const { ledger, metrics, parameters, now } = await service();
    const { rows } = await ledger.byState('DONE', { limit: 1, until: latestWritten(now()) });
    // Any version will do: the check is whether the table answers.
    await metrics.latestDay({ name: parameters.modelName, version: '-' }, dayOf(now()));
    const newest = rows[0] === undefined ? 'no run is DONE yet' : `the newest DONE run is of ${rows[0].changed}`;
    return fine(`the ledger and the metrics answer; ${newest}`);
  },
};

type Package = Pick<Models, 'promotion' | 'shadow' | 'load' | 'fileOf'>;

/** Checks that each live model has a promoted version with a readable, complete package; the same for shadows. */
export const model: Check<WithService<'models'> & { howToPromote: string }> = {
  id: 'model',
  needs: ['stack'],
  look: async ({ service, howToPromote }) => {
    const { models } = await service();
    const served = await models.served().catch(wrongPackage(''));
    if ('status' in served) return served;
    const findings: Finding[] = [];
    for (const { name, accepts } of served) {
      const finding = await lookAt(name, models, howToPromote);
      const takes = served.length === 1 ? '' : `; takes ${accepts.join(', ')}`;
      findings.push({ ...finding, found: `${finding.found}${takes}` });
    }
    const worst = findings.find(({ status }) => status === 'wrong') ?? findings.find(({ status }) => status !== 'fine');
    return { ...(worst ?? fine('')), found: findings.map(({ found }) => found).join('; ') };
  },
};

async function lookAt(name: string, models: Package, howToPromote: string): Promise<Finding> {
  const promoted = await models.promotion(name).catch(wrongPackage(''));
  if (promoted === null) return wrong(`no version of ${name} is promoted`, howToPromote);
  if ('status' in promoted) return promoted;
  const since = promoted.promotedAt === null ? '' : `, promoted ${promoted.promotedAt}`;
  const found = `${promoted.name} ${promoted.version}${since}`;
  const looking = lookInto(promoted, models, found);
  return looking.then((finding) => withShadow(finding, promoted, models)).catch(wrongPackage(found));
}

/** The same for its shadow: if that cannot classify, the model itself still works. */
async function withShadow(finding: Finding, live: ModelRef, models: Package): Promise<Finding> {
  const { name } = live;
  let called = 'its shadow';
  try {
    const shadow = await models.shadow(name);
    if (shadow === null) return finding;
    const { version, share } = shadow;
    called = `its shadow ${version}`;
    const unlike = preparedUnlike(await models.load(live), await models.load({ name, version }));
    if (unlike.length > 0) throw new InvalidModelPackage(`its chips are prepared in another way: ${unlike.join(', ')}`);
    return { ...finding, found: `${finding.found}; ${version} shadows ${percent(share)} of its files` };
  } catch (error) {
    if (!isUnusable(error)) throw error;
    const found = `${finding.found}; ${called} cannot classify: ${error.message}`;
    return notice(found, `End it, or name another version: swath model shadow ${name}/VERSION, or ${name} --end.`);
  }
}

const wrongPackage = (found: string) =>
  onError([InvalidModelPackage, ObjectNotFound], ({ message }) => {
    const what = found === '' ? message : `${found}: ${message}`;
    return wrong(what, 'Publish a complete package as a new version, or promote another one.');
  });

async function lookInto(promoted: ModelRef, models: Package, found: string): Promise<Finding> {
  const { name, version, artifact } = await models.load(promoted);
  if (name !== promoted.name || version !== promoted.version)
    throw new InvalidModelPackage(
      `${packageKey(promoted, 'item.json')} names ${name} ${version}, which is another model version.`,
    );
  const read = models.fileOf(promoted);
  const { byteLength } = await read(artifact.file);
  if (byteLength === 0) throw new InvalidModelPackage(`${packageKey(promoted, artifact.file)} is empty.`);
  const [warning] = warningsOn(await readJson(read, 'reference.json'));
  if (warning !== undefined) return notice(`${found}; ${warning}`);
  if ((await read('README.md').catch(nullIfNotFound)) === null)
    return notice(`${found}; its package has no model card (README.md)`);
  return fine(`${found}; its package is whole, the model has ${byteLength.toLocaleString('en-US')} bytes`);
}

/** Lists alarms that are on. That is no fault of the installation: monitoring works, and the alarm's own e-mail reports it. */
export const alarms: Check<WithService<'readAlarms' | 'parameters'>> = {
  id: 'alarms',
  needs: ['stack'],
  look: async ({ service }) => {
    const { readAlarms, parameters } = await service();
    const all = await readAlarms();
    if (all.length === 0) return wrong('there are no alarms', 'Deploy the stage again.');
    const loud = all.filter(({ state }) => state === 'ALARM');
    if (loud.length === 0) {
      const { falseAlarmsPerYear } = parameters;
      return fine(`none of ${all.length} has gone off; by chance, they do at most ${falseAlarmsPerYear} times a year`);
    }
    const told = loud.map(({ id, since }) => `${id} since ${since.replace(/\.\d+Z$/, 'Z')}`);
    return notice(
      `${loud.length} of ${all.length} in ALARM: ${told.join(', ')}`,
      `Read ${loud.map(({ id }) => runbookSection(id)).join(', ')}`,
    );
  },
};

/** On a laptop, no e-mail is sent. */
export const outbox: Check<{ outbox: string; readOutbox: () => Promise<Email[]> }> = {
  id: 'subscription',
  title: 'who is told',
  look: async ({ outbox: folder, readOutbox }) => {
    const [newest] = await readOutbox();
    const last = newest === undefined ? 'no e-mail so far' : `the newest e-mail is of ${newest.time}`;
    return fine(`whoever looks into ${folder}: ${last}`);
  },
};

/** Says which feeds are followed, and which of them cannot be looked at; that is no fault of the installation. */
export const feeds: Check<WithService<'modelBucket' | 'parameters' | 'stage'>> = {
  id: 'feeds',
  needs: ['buckets'],
  look: async ({ service }) => {
    const { modelBucket, parameters, stage } = await service();
    const followed: string[] = [];
    const failing: string[] = [];
    for (const { name, feed, state } of await feedsIn(modelBucket).all()) {
      if ('problem' in feed) failing.push(feed.problem);
      else if (feed.status === 'follows') {
        followed.push(`${name} of ${hostOf(feed.api)}`);
        if (state?.error) failing.push(`${name}: ${state.error}`);
      }
    }
    if (failing.length > 0) return notice(failing.join('; '), 'See "swath feed list".');
    if (followed.length > 0 && stage !== LAPTOP && parameters.feedSchedule === '')
      return notice(`${followed.join(', ')}, and the stage looks at none`, 'Deploy it with feedSchedule.');
    return fine(followed.join(', ') || 'no feed is followed');
  },
};
