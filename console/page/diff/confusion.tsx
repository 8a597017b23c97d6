import { count } from '../../../charts/format.ts';
import type { VersionDiff } from '../../api.ts';
import { outside } from '../parts/answered.tsx';
import { Scroller } from '../parts/table.tsx';

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

/** The stronger the colour of a cell beside the diagonal, the larger its count. */
export function ConfusionTable({ confusion: { names, counts }, label }: { confusion: Shown; label: string }) {
  const most = Math.max(...counts.flatMap((row, i) => row.filter((_, j) => i !== j)), 1);
  return (
    <Scroller label={label}>
      <table class="confusion">
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col" class="number">
                {outside(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, i) => (
            <tr key={names[i]}>
              <th scope="row">{outside(names[i]!)}</th>
              {row.map((n, j) => (
                <td key={names[j]} class={i === j ? 'number same' : 'number'} style={i === j ? {} : shade(n / most)}>
                  {n === 0 ? <span class="quiet">0</span> : count(n)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

/** The number stays legible on it in both themes. */
function shade(share: number) {
  return { background: `color-mix(in srgb, var(--series-2) ${Math.round(35 * share)}%, transparent)` };
}
