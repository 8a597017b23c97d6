import { minute } from '../../../charts/format.ts';
import { outsideText } from '../outsideText.ts';
import { hrefOf } from '../route.ts';

export { outsideLines, outsideText } from '../outsideText.ts';

/** Text that came from outside, kept to itself whatever the direction of its letters. */
export const outside = (text: string) => <bdi class="outside">{outsideText(text)}</bdi>;

/** A value, and what there is to say of it. */
export const noted = (value: string, note?: string) => (
  <>
    {value} {note !== undefined && <small class="quiet">{outsideText(note)}</small>}
  </>
);

/** Sentences that came from outside, such as a gate's refusals. */
export const Sentences = ({ of }: { of: readonly string[] }) => (
  <ul>
    {of.map((one) => (
      <li key={one}>{outsideText(one)}</li>
    ))}
  </ul>
);

/** A point in time, in UTC. */
export const when = (time: string) => (
  <time class="when" dateTime={time} title={`${time.slice(0, 19).replace('T', ' ')} UTC`}>
    {minute(time)}
  </time>
);

/** Leads to a run, by the name of its file. */
export function RunLink({ run: { run, file } }: { run: { run: string; file: string } }) {
  return <a href={hrefOf('runs', { id: run })}>{outside(file)}</a>;
}
