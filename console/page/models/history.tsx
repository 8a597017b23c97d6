import type { ModelVersions } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Badge } from '../parts/badges.tsx';
import { type Column, Scroller, Table } from '../parts/table.tsx';
import { Outside, When } from '../parts/text.tsx';

type Record = ModelVersions['history'][number];

/** Who promoted which version, when, and why; and what the gate refused. */
export function History({ history }: { history: Record[] }) {
  if (history.length === 0) return null;
  return (
    <>
      <h2>Promotions</h2>
      <Scroller label="Promotions">
        <Table look="promotions" caption="Promotions, the latest first" columns={COLUMNS} rows={history} />
      </Scroller>
    </>
  );
}

const COLUMNS: Column<Record>[] = [
  { head: 'At', cell: ({ at }) => at && <When time={at} /> },
  { head: 'What', cell: (record) => <Kind record={record} /> },
  { head: 'Version', cell: ({ version }) => <Outside text={version} /> },
  { head: 'In the place of', cell: ({ before }) => before && <Outside text={before} /> },
  { head: 'By', cell: ({ by }) => by && <Outside text={by} /> },
  {
    head: 'Because',
    cell: ({ reason, refusals = [] }) => (
      <>
        {reason !== null && outsideText(reason)}
        {refusals.length > 0 && (
          <details>
            <summary>What the gate said</summary>
            <ul>
              {refusals.map((one) => (
                <li key={one}>{outsideText(one)}</li>
              ))}
            </ul>
          </details>
        )}
      </>
    ),
  },
];

function Kind({ record }: { record: Record }) {
  if ('isRefused' in record) return <Badge icon="wrong" tone="bare bad" word="refused" />;
  if (record.isRollback) return <Badge tone="bare quiet" word="rolled back" />;
  if (record.refusals !== undefined) return <Badge icon="unsure" tone="bare warn" word="promoted anyway" />;
  return <Badge icon="good" tone="bare good" word="promoted" />;
}
