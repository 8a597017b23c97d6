import { outsideText } from '../outsideText.ts';

/** Text that came from outside, kept to itself whatever the direction of its letters. */
export function Outside({ text }: { text: string }) {
  return <bdi class="outside">{outsideText(text)}</bdi>;
}
