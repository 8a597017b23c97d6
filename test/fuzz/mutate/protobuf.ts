import { sized, varint } from '../../tfrecord.ts';
import type { Dice } from '../dice.ts';
import { joined } from './bytes.ts';

/**
 * Damage that leaves protobuf's frames standing, or bends just one of them: a message is read as fields, whatever they mean,
 * and written again with some of them changed, so that a parser gets past its first byte.
 */
export function damageFields(message: Uint8Array, dice: Dice, depth = 0): Uint8Array {
  const fields = fieldsOf(message);
  if (fields === undefined || fields.length === 0) return depth === 0 ? newField(dice) : message;
  const at = dice.below(fields.length);
  const field = fields[at]!;
  // Mostly further in: that is where a parser has the most to do.
  if (field.content !== undefined && depth < 8 && !dice.once(4)) {
    const content = field.content;
    const inside = fieldsOf(content) === undefined && !dice.once(3) ? content : damageFields(content, dice, depth + 1);
    return written(fields.with(at, { ...field, content: inside }));
  }
  return dice.pick(DAMAGES)(fields, at, dice);
}

type Field = { number: number; type: number; raw: Uint8Array; content?: Uint8Array };
type Damage = (fields: Field[], at: number, dice: Dice) => Uint8Array;

const DAMAGES: readonly Damage[] = [
  (fields, at) => written(fields.toSpliced(at, 1)),
  (fields, at) => written(fields.toSpliced(at, 0, fields[at]!)),
  (fields, at, dice) => written(fields.toSpliced(at, 1).toSpliced(dice.below(fields.length), 0, fields[at]!)),
  function manyTimes(fields, at, dice) {
    const times = dice.once(30) ? 10_000 : 20;
    const size = fields[at]!.raw.length + (fields[at]!.content?.length ?? 0);
    return written([...fields, ...Array<Field>(Math.min(times, Math.floor(100_000 / (size + 1)))).fill(fields[at]!)]);
  },
  (fields, at, dice) =>
    written(fields.with(at, { ...fields[at]!, number: dice.pick([1, 2, 3, 5, 8, 13, 14, 15, 2 ** 28]) })),
  (fields, at, dice) => joined(written(fields.slice(0, at)), newField(dice), written(fields.slice(at))),
  function claimMore(fields, at, dice) {
    const { number, content = new Uint8Array() } = fields[at]!;
    const claim = dice.pick([
      content.length + 1,
      2 ** 31 - 1,
      2 ** 32,
      2n ** 60n,
      2n ** 64n - 1n,
      Math.max(0, content.length - 1),
    ]);
    return joined(
      written(fields.slice(0, at)),
      varint(number * 8 + 2),
      varint(claim),
      content,
      written(fields.slice(at + 1)),
    );
  },
  function otherType(fields, at, dice) {
    const { number, raw } = fields[at]!;
    return joined(written(fields.slice(0, at)), varint(number * 8 + dice.below(8)), raw, written(fields.slice(at + 1)));
  },
  function deeper(fields, at, dice) {
    let content = fields[at]!.content ?? written([fields[at]!]);
    const levels = dice.pick([2, 40, 200]);
    for (let i = 0; i < levels && content.length < 100_000; i++) content = sized(fields[at]!.number, content);
    return written(fields.with(at, { ...fields[at]!, content }));
  },
  (fields, at, dice) => written(fields.with(at, { ...fields[at]!, content: dice.bytes(dice.below(20)) })),
];

/** A field out of nothing: unknown, empty, or a number that is written longer than it need be. */
function newField(dice: Dice): Uint8Array {
  const number = 1 + dice.below(30);
  return dice.pick([
    () => sized(number),
    () => sized(number, dice.bytes(dice.below(12))),
    () =>
      joined(varint(number * 8), Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, dice.below(3))),
    () => joined(varint(number * 8 + 5), dice.bytes(dice.below(5))),
    () => joined(varint(number * 8 + 1), dice.bytes(dice.below(9))),
    () => joined(varint(number * 8 + 3), varint(number * 8 + 4)),
    () => Uint8Array.of(dice.below(8)),
  ])();
}

function written(fields: readonly Field[]): Uint8Array {
  return joined(
    ...fields.map(({ number, type, raw, content }) =>
      content === undefined ? joined(varint(BigInt(number) * 8n + BigInt(type)), raw) : sized(number, content),
    ),
  );
}

/** A message's fields; undefined where the bytes are none. */
function fieldsOf(message: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = numberAt(message, at);
    if (tag === undefined) return undefined;
    const [number, type] = [Math.floor(tag.value / 8), tag.value % 8];
    const start = tag.end;
    const value = type === 0 || type === 2 ? numberAt(message, start) : undefined;
    const end =
      type === 1
        ? start + 8
        : type === 5
          ? start + 4
          : type === 0
            ? value?.end
            : type === 2 && value
              ? value.end + value.value
              : undefined;
    if (number === 0 || number >= 2 ** 29 || end === undefined || end > message.length) return undefined;
    fields.push({
      number,
      type,
      raw: message.subarray(start, end),
      ...(type === 2 && { content: message.subarray(value!.end, end) }),
    });
    at = end;
    if (fields.length > 5000) return undefined;
  }
  return fields;
}

function numberAt(message: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = message[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}
