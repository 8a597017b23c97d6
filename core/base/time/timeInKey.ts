import { dayOf } from './days.ts';
import { instantIn } from './instant.ts';

/** The digits of a part of a time, by its letter in strftime. */
const DIGITS = { Y: 4, j: 3, m: 2, d: 2, H: 2, M: 2, S: 2 };

export function isTimePattern(pattern: string): boolean {
  const parts = Array.from(pattern.matchAll(/%(.)/g), ([, name]) => name!);
  const known = [...'YmdjHMS'].filter((name) => parts.includes(name)).join('');
  const isWhole = /^Y(md|j)(H(MS?)?)?$/.test(known) && known.length === parts.length;
  return isWhole && pattern.length <= 200 && /^(?:%[YmdjHMS]|[\w.=/:-]|\?)*$/.test(pattern);
}

/**
 * Returns the first time in a key by a pattern in strftime's notation: %Y, %m and %d or the day of the year as %j, %H, %M, %S, and ? for any
 * character but a slash. All have their full width, so a search takes a time that grows with the key alone. Digits before and after are not part of it.
 */
export function timeInKey(key: string, pattern: string, latest: number): string | null {
  const parts = pattern.replaceAll(/%(\w)|[.?]/g, (part, name: keyof typeof DIGITS | undefined) =>
    name === undefined ? (part === '?' ? '[^/]' : '\\.') : `(?<${name}>\\d{${DIGITS[name]}})`,
  );
  const from = pattern.startsWith('%') ? '(?<!\\d)' : '';
  const to = /%\w$/.test(pattern) ? '(?!\\d)' : '';
  // Looked for ahead, so that a text which is no time does not take the beginning of the next.
  for (const { groups } of key.matchAll(new RegExp(`(?=${from}${parts}${to})`, 'g'))) {
    const { Y, j, m, d, H = '00', M = '00', S = '00' } = groups!;
    const day = j === undefined ? `${Y}-${m}-${d}` : dayOf(Date.UTC(Number(Y), 0, Number(j)));
    const time = day.startsWith(Y!) ? instantIn(`${day} ${H}:${M}:${S}`, latest) : null;
    if (time !== null) return time;
  }
  return null;
}
