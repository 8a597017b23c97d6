import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Status } from '../api.ts';
import { ChipsPage } from './chips/chips.tsx';
import { DriftPage } from './drift/drift.tsx';
import { counted } from './format.ts';
import type { Connection } from './live.ts';
import { ModelsPage } from './models/models.tsx';
import { OutboxPage } from './outbox/outbox.tsx';
import { OverviewPage } from './overview/overview.tsx';
import { Outside } from './parts/outside.tsx';
import { When } from './parts/when.tsx';
import { hrefOf, PAGES, type PageName, type Route } from './route.ts';
import { RunbookPage } from './runbook/runbook.tsx';
import { RunPage } from './runs/run.tsx';
import { RunsPage } from './runs/runs.tsx';
import { StatusContext } from './status.ts';
import { LiveContext, useAnswer, useRepeat } from './useAnswer.ts';
import { useRoute } from './useRoute.ts';

const NAMES: Record<PageName, string> = {
  overview: 'Overview',
  runs: 'Runs',
  chips: 'Chips',
  drift: 'Drift',
  models: 'Models',
  outbox: 'Outbox',
  runbook: 'Runbook',
};

/** The console: what every page has on top, and the page that the address names. */
export function App() {
  const route = useRoute();
  const [status, again] = useAnswer<Status>('/api/status', ['runs', 'metrics', 'alarms']);
  useRepeat(again, (status.data?.running.length ?? 0) > 0);
  const main = useRef<HTMLElement>(null);
  useTitle(route, status.data);
  useFocusOnNewPage(main, route);

  return (
    <StatusContext.Provider value={status}>
      {/* No link: what stands behind the # is the page's address. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header route={route} status={status.data} />
      <main ref={main} tabIndex={-1}>
        <LostConnection />
        {status.problem !== null && status.data === null && (
          <div class="notice bad" role="alert">
            <p>{status.problem}</p>
          </div>
        )}
        <Page route={route} />
      </main>
      <footer>
        <p>
          Times are UTC.{' '}
          {status.data && (
            <>
              The service's clock says <When time={status.data.now} />.
            </>
          )}
        </p>
      </footer>
    </StatusContext.Provider>
  );
}

function Header({ route, status }: { route: Route | null; status: Status | null }) {
  const alarms = redAlarms(status);
  return (
    <header>
      <div class="brand">
        <b>Swath</b>
        {status !== null && (
          <span class="stage">{status.stage === 'local' ? 'this machine' : `stage ${status.stage}`}</span>
        )}
      </div>
      <nav aria-label="Pages of the console">
        {PAGES.filter((page) => isInNavigation(page, status)).map((page) => (
          <a key={page} href={hrefOf(page)} aria-current={route?.page === page ? 'page' : undefined}>
            {NAMES[page]}
            {page === 'overview' && alarms > 0 && (
              <span class="count" title={counted(alarms, 'alarm')}>
                {alarms}
                <span class="visually-hidden"> {alarms === 1 ? 'alarm' : 'alarms'}</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <p class="live-model">
        {status !== null &&
          (status.model === null ? (
            'No model version is promoted'
          ) : (
            <>
              <Outside text={status.model.name} /> <b>{status.model.version}</b>
            </>
          ))}
      </p>
    </header>
  );
}

function isInNavigation(page: PageName, status: Status | null): boolean {
  if (page === 'outbox') return status === null || status.outbox;
  return page !== 'runbook';
}

function Page({ route }: { route: Route | null }) {
  if (route === null) return <UnknownPage />;
  switch (route.page) {
    case 'overview':
      return <OverviewPage route={route} />;
    case 'runs':
      return route.id === null ? <RunsPage route={route} /> : <RunPage key={route.id} run={route.id} />;
    case 'chips':
      return <ChipsPage route={route} />;
    case 'drift':
      return <DriftPage route={route} />;
    case 'models':
      return <ModelsPage />;
    case 'outbox':
      return <OutboxPage route={route} />;
    case 'runbook':
      return <RunbookPage route={route} />;
  }
}

function UnknownPage() {
  return (
    <>
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>
        <a href={hrefOf('overview')}>To the overview</a>
      </p>
    </>
  );
}

function LostConnection() {
  const live = useContext(LiveContext);
  const [connection, setConnection] = useState<Connection>('waiting');
  useEffect(() => live.onConnection(setConnection), [live]);
  return (
    <div role="status">
      {connection === 'lost' && (
        <p class="notice warn">
          The connection to the console is lost, so this page shows what was. It is taken up again by itself as soon as
          the command that serves it runs.
        </p>
      )}
    </div>
  );
}

function useTitle(route: Route | null, status: Status | null): void {
  const alarms = redAlarms(status);
  const page = route === null ? 'No such page' : NAMES[route.page];
  useEffect(() => {
    document.title = `${alarms > 0 ? `(${counted(alarms, 'alarm')}) ` : ''}${page} · Swath`;
  }, [alarms, page]);
}

/** Whoever goes to another page by keyboard or with a screen reader is there, and not where the link was. */
function useFocusOnNewPage(main: { current: HTMLElement | null }, route: Route | null): void {
  const page = `${route?.page}/${route?.id}`;
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [main, page]);
}

function redAlarms(status: Status | null): number {
  return status?.alarms.filter(({ state }) => state === 'ALARM').length ?? 0;
}
