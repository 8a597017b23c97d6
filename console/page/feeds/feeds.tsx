import { counted, degrees } from '../../../charts/format.ts';
import { lookText } from '../../../charts/lookText.ts';
import type { Feeds, MapRun, ShownFeed } from '../../api.ts';
import { LAND } from '../map/land.ts';
import { boxOf, fittingView, outlineOf, squeezeOf } from '../map/view.ts';
import { ended, Lines } from '../overview/lists.tsx';
import { Answered, outside, useAnswer, useRepeat, when } from '../parts/answered.tsx';
import { Badge } from '../parts/badges.tsx';
import { Facts } from '../parts/table.tsx';
import { hrefOf } from '../route.ts';

export function FeedsPage() {
  const feeds = useAnswer<Feeds>('/api/feeds', ['runs']);
  useRepeat(feeds.again, true, 15_000); // no sign tells of a look that takes nothing
  return (
    <>
      <h1 tabIndex={-1}>Feeds</h1>
      <p class="lead">A feed follows a STAC API, or lists a bucket: each new scene becomes a run by itself.</p>
      <Answered answer={feeds} what="the feeds">
        {({ feeds: all, schedule, add }) => (
          <>
            <p role="status" class="small quiet">
              {schedule} {all.length === 0 ? 'There is no feed yet. To add one:' : `${counted(all.length, 'feed')}.`}
            </p>
            {all.length === 0 && <pre class="notice">{add}</pre>}
            <div class="grid pairs feeds">
              {all.map((one) => (
                <OneFeed key={one.name} shown={one} />
              ))}
            </div>
          </>
        )}
      </Answered>
    </>
  );
}

function OneFeed({ shown }: { shown: ShownFeed }) {
  const { name, feed, state, next, runs } = shown;
  const [tone, word, why] = standingOf(shown);
  return (
    <article class="card feed">
      <h2>
        {outside(name)} <Badge icon={tone} tone={tone} word={word} />
      </h2>
      {why && <p class={`notice ${tone}`}>{outside(why)}</p>}
      {feed?.area && <AreaMap area={feed.area} />}
      <Facts
        facts={[
          feed !== null && [feed.inventory ? 'Pattern' : 'Collection', outside(`${feed.collection} of ${feed.api}`)],
          feed !== null && ['Area', feed.area === null ? 'everywhere' : boundsOf(feed.area)],
          feed !== null &&
            !feed.inventory && ['Clouds', feed.maxCloud === null ? 'any' : `up to ${feed.maxCloud}\u00a0%`],
          feed !== null && ['Acquired since', when(feed.since)],
          !!feed?.hosts.length && ['Assets from', outside(feed.hosts.join(', '))],
          ['Last look', state === null ? 'none yet' : when(state.at)],
          state?.count != null && ['It found', outside(lookText(state.count))],
          next !== null && ['Next look', when(next)],
          runs.length > 0 && [
            <a href={hrefOf('runs', { query: { search: `feeds/${name}/` } })}>Runs</a>,
            <Lines runs={runs} show={ended} />,
          ],
        ]}
      />
    </article>
  );
}

function standingOf({ feed, problem, state }: ShownFeed) {
  if (feed === null) return ['bad', 'cannot be read', `${problem}. Add it anew.`] as const;
  if (feed.status === 'paused')
    return ['none', 'paused', feed.why && `Its Items cannot be classified: ${feed.why}`] as const;
  if (problem === null) return ['good', 'follows', null] as const;
  return ['bad', 'fails', `${counted(state?.failures ?? 1, 'look')} in a row: ${problem}`] as const;
}

type Area = Pick<MapRun, 'bbox' | 'rings'>;

const boundsOf = ({ bbox: [west, south, east, north] }: Area) =>
  `${degrees([west, south])} to ${degrees([east, north])}`;

function AreaMap({ area }: { area: Area }) {
  const squeeze = squeezeOf([area]);
  const { x, y, width: fitting } = fittingView([area], squeeze);
  const width = Math.max(fitting, 50 * squeeze); // few places are further from a coast
  const outline = [-360, 0, 360].map((east) => outlineOf(area.rings, squeeze, east));
  return (
    <svg class="area-map" viewBox={boxOf({ x, y, width })} aria-hidden="true">
      <path class="land" d={LAND} transform={`scale(${squeeze / 100} 0.01)`} />
      <path class="area" d={outline.join('')} />
    </svg>
  );
}
