import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { FUNCTIONS } from '../../core/base/functions.ts';
import { recordedReleases } from '../releases/release.ts';
import { roleOf } from './functions.ts';
import type { Packaged } from './package.ts';
import { grantsOf } from './permissions.ts';
import { readBundle } from './rights/bundle.ts';
import { FORMER_RIGHTS } from './rights/formerRights.ts';
import { formerRightProblems, type Holder, rightProblems } from './rights/rightProblems.ts';
import { tellOfArrivals } from './story/arrivals.ts';
import { tellOfBulkFiles } from './story/bulkFiles.ts';
import { tellOfCandidate } from './story/candidate.ts';
import { tellOfContainers } from './story/containers.ts';
import { tellOfWhatCountsNothing } from './story/countsNothing.ts';
import { tellOfCubes } from './story/cubes.ts';
import { tellOfDashboard } from './story/dashboard.ts';
import { tellOfEndpoints } from './story/endpoints.ts';
import { rightsToFeatureGroups, tellOfFeatures } from './story/features.ts';
import { tellOfFeeds } from './story/feeds.ts';
import { tellOfFiles } from './story/files.ts';
import { tellOfMaps } from './story/maps.ts';
import { tellOfOnline } from './story/online.ts';
import { tellOfOtherStores } from './story/otherStores.ts';
import { publishRecentFailures } from './story/recentFailures.ts';
import { tellOfRequests } from './story/requests.ts';
import { type Service, startService } from './story/service.ts';
import { tellOfShadow } from './story/shadow.ts';
import { tellOfSweeps } from './story/sweeps.ts';
import { type OffTheWay, walkProblems } from './story/walk.ts';
import { tellOfWarehouse } from './story/warehouse.ts';
import { tellOfWatch } from './story/watch.ts';
import { tellOfWebhook } from './story/webhook.ts';

const isLambdaLike = process.platform === 'linux' && process.arch === 'x64';

/** Branches that our own functions never have an execution take. What they do is tested on others: stepfunctions/pipeline.test.ts. */
const OFF_THE_WAY: OffTheWay = {
  'Batches States.ALL → Batches failed':
    'A batch catches whatever its steps throw. This is for limits of Step Functions.',
  'Batches failed': 'The same.',
  'Settled? else → Not settled': 'Settle never answers without a cause.',
};

/**
 * The packaged functions, called by the definition that they were packaged with, with the environment and the rights
 * that the template gives them. It is one story: each part starts where the one before ended.
 */
export async function tellStory(packaged: Packaged): Promise<void> {
  const { template } = packaged;
  const grants = [...grantsOf(template), ...(await rightsToFeatureGroups())];
  const bundles = await Promise.all(
    FUNCTIONS.map(async (name) => ({ name, bundle: readBundle(await packaged.bundle(name)) })),
  );

  describe('the packaged functions', {
    skip: isLambdaLike ? false : 'SKIPPED: the packaged onnxruntime runs on linux/x64 only',
  }, () => {
    let started: Service | undefined;
    const service = () => started!;
    before(async () => {
      started = await startService(packaged, grants);
    });
    after(() => started?.stop());

    tellOfFiles(service);
    tellOfSweeps(service);
    tellOfDashboard(service);
    tellOfWebhook(service);
    tellOfWatch(service);
    tellOfFeeds(service);
    tellOfWarehouse(service);
    publishRecentFailures(service);
    tellOfCubes(service);
    tellOfBulkFiles(service);
    tellOfArrivals(service);
    tellOfRequests(service);
    tellOfOnline(service);
    tellOfEndpoints(service);
    tellOfFeatures(packaged, service);
    tellOfWhatCountsNothing(service);
    tellOfMaps(service);
    tellOfShadow(service);
    tellOfContainers(packaged, service);
    tellOfCandidate(packaged, service);
    tellOfOtherStores(service);

    it('went every way that the definition has', () => {
      const { branches, entered } = service();
      assert.deepEqual(walkProblems(branches, entered, OFF_THE_WAY), []);
    });

    const holders = bundles.map(({ name, bundle }) => (): Holder => {
      const { callsOf } = service();
      // The same code, but for what it reads: cubes lie in no other stores.
      const others = callsOf('preprocess').filter(({ command }) => command !== 'GetParameter');
      const alike = name === 'preprocessCubes' ? others : [];
      return { name, role: roleOf(template, name), bundle, calls: [...callsOf(name), ...alike] };
    });

    for (const [i, { name, bundle }] of bundles.entries())
      it(`${name} may and does ${bundle.commands.join(', ')}, and nothing else`, () => {
        assert.deepEqual(rightProblems(grants, holders[i]!(), FORMER_RIGHTS), []);
      });

    it('of the release before have the rights that they need still', () => {
      const all = holders.map((holder) => holder());
      assert.deepEqual(formerRightProblems(grants, all, FORMER_RIGHTS, formerRelease()), []);
    });
  });
}

/** The release before this one, which executions may have begun with; none before the first. */
function formerRelease() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const before = recordedReleases().filter((release) => release.version !== version);
  return (
    before.sort((one, other) => one.version.localeCompare(other.version, 'en', { numeric: true })).at(-1) ?? {
      version,
      rights: [],
    }
  );
}
