import type { Runs } from '../../api.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { StateBadge } from '../parts/badges.tsx';
import { Outside, RunLink, When } from '../parts/text.tsx';
import { hrefOf, queryText } from '../route.ts';
import { useAnswer } from '../useAnswer.ts';

const MOST_SHOWN = 8;

/** The ledger's newest and failed runs, as the dashboard's widget shows them; the rest is on the page of runs. */
export function LedgerPanel({ title, meaning }: { title: string; meaning: string }) {
  return (
    <section class="panel card wide">
      <h3>{title}</h3>
      <p class="small quiet">{meaning}</p>
      <div class="columns">
        <Some name="Newest" state="" />
        <Some name="Failed" state="FAILED" />
      </div>
      <p>
        <a href={hrefOf('runs')}>All runs, to search, filter and sort</a>
      </p>
    </section>
  );
}

function Some({ name, state }: { name: string; state: string }) {
  const runs = useAnswer<Runs>(`/api/runs${queryText({ state })}`, ['runs']);
  return (
    <section>
      <h4>{name}</h4>
      <Answered answer={runs} what="the ledger">
        {({ runs: found }) =>
          found.length === 0 ? (
            <Nothing>None.</Nothing>
          ) : (
            <ul class="lines">
              {found.slice(0, MOST_SHOWN).map((run) => (
                <li key={run.run}>
                  <RunLink run={run} />
                  <StateBadge state={run.state} /> <When time={run.changed} />
                  {run.error !== null && (
                    <p class="small quiet">
                      <Outside text={run.error} />
                    </p>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}
