import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { ChipsPage } from './chips/chips.tsx';
import { DriftPage } from './drift/drift.tsx';
import { counted } from './format.ts';
import { ModelsPage } from './models/models.tsx';
import { OutboxPage } from './outbox/outbox.tsx';
import { OverviewPage } from './overview/overview.tsx';
import { Outside } from './parts/outside.tsx';
import { When } from './parts/when.tsx';
import { hrefOf, PAGES } from './route.ts';
import { RunbookPage } from './runbook/runbook.tsx';
import { RunPage } from './runs/run.tsx';
import { RunsPage } from './runs/runs.tsx';
import { StatusContext } from './status.ts';
import { LiveContext, useAnswer, useRepeat } from './useAnswer.ts';
import { useRoute } from './useRoute.ts';

const NAMES = {
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
  const [status, again] = useAnswer('/api/status', ['runs', 'metrics', 'alarms']);
  useRepeat(again, (status.data?.running.length ?? 0) > 0);
  const main = useRef(null);
  useTitle(route, status.data);
  useFocusOnNewPage(main, route);
  return _jsxs(StatusContext.Provider, {
    value: status,
    children: [
      _jsx('button', {
        type: 'button',
        class: 'skip',
        onClick: () => main.current?.focus(),
        children: 'Skip to the content',
      }),
      _jsx(Header, { route: route, status: status.data }),
      _jsxs('main', {
        ref: main,
        tabIndex: -1,
        children: [
          _jsx(LostConnection, {}),
          status.problem !== null &&
            status.data === null &&
            _jsx('div', { class: 'notice bad', role: 'alert', children: _jsx('p', { children: status.problem }) }),
          _jsx(Page, { route: route }),
        ],
      }),
      _jsx('footer', {
        children: _jsxs('p', {
          children: [
            'Times are UTC.',
            ' ',
            status.data &&
              _jsxs(_Fragment, { children: ["The service's clock says ", _jsx(When, { time: status.data.now }), '.'] }),
          ],
        }),
      }),
    ],
  });
}
function Header({ route, status }) {
  const alarms = redAlarms(status);
  return _jsxs('header', {
    children: [
      _jsxs('div', {
        class: 'brand',
        children: [
          _jsx('b', { children: 'Swath' }),
          status !== null &&
            _jsx('span', {
              class: 'stage',
              children: status.stage === 'local' ? 'this machine' : `stage ${status.stage}`,
            }),
        ],
      }),
      _jsx('nav', {
        'aria-label': 'Pages of the console',
        children: PAGES.filter((page) => isInNavigation(page, status)).map((page) =>
          _jsxs(
            'a',
            {
              href: hrefOf(page),
              'aria-current': route?.page === page ? 'page' : undefined,
              children: [
                NAMES[page],
                page === 'overview' &&
                  alarms > 0 &&
                  _jsxs('span', {
                    class: 'count',
                    title: counted(alarms, 'alarm'),
                    children: [
                      alarms,
                      _jsxs('span', { class: 'visually-hidden', children: [' ', alarms === 1 ? 'alarm' : 'alarms'] }),
                    ],
                  }),
              ],
            },
            page,
          ),
        ),
      }),
      _jsx('p', {
        class: 'live-model',
        children:
          status !== null &&
          (status.model === null
            ? 'No model version is promoted'
            : _jsxs(_Fragment, {
                children: [
                  _jsx(Outside, { text: status.model.name }),
                  ' ',
                  _jsx('b', { children: status.model.version }),
                ],
              })),
      }),
    ],
  });
}
function isInNavigation(page, status) {
  if (page === 'outbox') return status === null || status.outbox;
  return page !== 'runbook';
}
function Page({ route }) {
  if (route === null) return _jsx(UnknownPage, {});
  switch (route.page) {
    case 'overview':
      return _jsx(OverviewPage, { route: route });
    case 'runs':
      return route.id === null ? _jsx(RunsPage, { route: route }) : _jsx(RunPage, { run: route.id }, route.id);
    case 'chips':
      return _jsx(ChipsPage, { route: route });
    case 'drift':
      return _jsx(DriftPage, { route: route });
    case 'models':
      return _jsx(ModelsPage, {});
    case 'outbox':
      return _jsx(OutboxPage, { route: route });
    case 'runbook':
      return _jsx(RunbookPage, { route: route });
  }
}
function UnknownPage() {
  return _jsxs(_Fragment, {
    children: [
      _jsx('h1', { tabIndex: -1, children: 'There is no such page' }),
      _jsx('p', { children: _jsx('a', { href: hrefOf('overview'), children: 'To the overview' }) }),
    ],
  });
}
function LostConnection() {
  const live = useContext(LiveContext);
  const [connection, setConnection] = useState('waiting');
  useEffect(() => live.onConnection(setConnection), [live]);
  return _jsx('div', {
    role: 'status',
    children:
      connection === 'lost' &&
      _jsx('p', {
        class: 'notice warn',
        children:
          'The connection to the console is lost, so this page shows what was. It is taken up again by itself as soon as the command that serves it runs.',
      }),
  });
}
function useTitle(route, status) {
  const alarms = redAlarms(status);
  const page = route === null ? 'No such page' : NAMES[route.page];
  useEffect(() => {
    document.title = `${alarms > 0 ? `(${counted(alarms, 'alarm')}) ` : ''}${page} · Swath`;
  }, [alarms, page]);
}
/** Whoever goes to another page by keyboard or with a screen reader is there, and not where the link was. */
function useFocusOnNewPage(main, route) {
  const page = `${route?.page}/${route?.id}`;
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [main, page]);
}
function redAlarms(status) {
  return status?.alarms.filter(({ state }) => state === 'ALARM').length ?? 0;
}
