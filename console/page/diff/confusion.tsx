import { count } from '../../../charts/format.ts';
import type { VersionDiff } from '../../api.ts';
import { outside } from '../parts/answered.tsx';
import { type Column, ScrolledTable } from '../parts/table.tsx';

type Shown = NonNullable<VersionDiff['confusion']>;

/** How often the first version says the row's name while the second says the column's; the diagonal is where they agree. */
export const Confusion = ({ confusion, of }: { confusion: Shown; of: string }) => (
  <>
    <h2>What became what</h2>
    <p class="small quiet">
      Rows: what the first says. Columns: what the second says of the same {of}s. The stronger the colour of a cell
      beside the diagonal, the more have changed so.
    </p>
    <ConfusionTable confusion={confusion} label="Confusion of the first version against the second" />
  </>
);

/** The stronger the colour of a cell beside the diagonal, the larger its count. On it, those of a single name are framed. */
export function ConfusionTable({ confusion, label }: { confusion: Shown & { single?: number }; label: string }) {
  const { names, counts, single = names.length } = confusion;
  const most = Math.max(...counts.flatMap((row, i) => row.filter((_, j) => i !== j)), 1);
  const rows = counts.map((said, i) => ({ said, i }));
  const columns = names.map(
    (name, j): Column<(typeof rows)[number]> => ({
      head: outside(name),
      look: 'number',
      cellLook: ({ said, i }) =>
        i === j ? { class: i < single ? 'number same' : 'number' } : { style: shade(said[j]! / most) },
      cell: ({ said }) => (said[j] === 0 ? <span class="quiet">0</span> : count(said[j]!)),
    }),
  );
  const first: (typeof columns)[number] = { head: 'Class', cell: ({ i }) => outside(names[i]!) };
  return <ScrolledTable label={label} look="confusion" columns={[first, ...columns]} rows={rows} />;
}

/** The number stays legible on it in both themes. */
function shade(share: number) {
  return { background: `color-mix(in srgb, var(--series-2) ${Math.round(35 * share)}%, transparent)` };
}
