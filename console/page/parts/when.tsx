import { minute } from '../format.ts';

/** A point in time, in UTC. */
export function When({ time }: { time: string }) {
  return (
    <time class="when" dateTime={time} title={`${time.slice(0, 19).replace('T', ' ')} UTC`}>
      {minute(time)}
    </time>
  );
}
