/**
 * Characters that are invisible, or change how their neighbours are shown: controls, direction marks, line ends, unpaired
 * surrogates, and everything else that renders as nothing. Variation selectors of pictographs are kept.
 */
const UNSHOWN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;

/** Makes external text safe to show: control and direction-changing characters are spelled out. */
export const printable = (text: string): string =>
  text.replace(UNSHOWN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
