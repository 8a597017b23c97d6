import { initEmscriptenModule } from '@jsquash/jpeg/utils.js';

type Initialised = Parameters<typeof initEmscriptenModule>;
type Load = () => Promise<{ readonly decoder: Initialised[0]; readonly module: Initialised[1] }>;

/**
 * Makes the function that runs a decoder. It is loaded on first use, from a compiled module, in Node and in a bundle, and fetches nothing. A decoder
 * reports damage but continues with what there is: its messages come with the result, which is undefined if it aborted. It is not used again then.
 */
export function makeWasmDecoder<Decoder extends object>(load: Load) {
  let loaded: Promise<Decoder> | undefined;
  let messages: string[] = [];
  const note = (text: string) => messages.push(text);

  return async <Result>(decode: (decoder: Decoder) => Result): Promise<{ result?: Result; messages: string[] }> => {
    loaded ??= load().then(
      ({ decoder, module }) =>
        initEmscriptenModule(decoder, module, { print: note, printErr: note }) as Promise<object> as Promise<Decoder>,
    );
    const decoder = await loaded;
    messages = [];
    try {
      return { result: decode(decoder), messages };
    } catch (error) {
      loaded = undefined;
      return { messages: [...messages, String(error)] };
    }
  };
}
