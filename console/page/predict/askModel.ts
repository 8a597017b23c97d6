import type { ModelsAnswer, PredictionsAnswer } from '../../api.ts';
import { ask } from '../ask.ts';

export type AskableModel = ModelsAnswer['models'][number];
export type Asked = { name: string; picture: string; prediction: PredictionsAnswer['predictions'][number] };

/** Has a model predict for images, in one request. Throws an `Error` with the server's sentence. */
export async function askModel({ name }: AskableModel, files: readonly File[]): Promise<Asked[]> {
  const pictures = await Promise.all(files.map(dataUrlOf));
  const inputs = pictures.map((url, i) => ({ id: files[i]!.name, image: url.slice(url.indexOf(',') + 1) }));
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ inputs }) };
  const { predictions } = JSON.parse(
    await ask(`/api/predictions/${encodeURIComponent(name)}`, init),
  ) as PredictionsAnswer;
  return predictions.map(({ error, ...prediction }, i) => ({
    ...{ name: files[i]!.name, picture: pictures[i]! },
    prediction: { ...prediction, error: error?.replace(/^inputs\[\d+\]\.image: /, '') ?? null }, // the page has its name
  }));
}

/** Its content as base64, behind a comma. */
function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
