/**
 * What does not show, or changes how its neighbours do: controls, marks of direction, ends of lines, halves of surrogate
 * pairs, and whatever else is drawn as nothing. A variation selector that belongs to a pictograph is left to it.
 */
const UNSHOWN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;
/** Text that came from outside, safe to show: control and direction-changing characters are spelled out. */
export function printable(text) {
  return text.replace(UNSHOWN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
