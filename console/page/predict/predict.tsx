import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { largest } from '../../../core/base/text/largest.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import type { ModelsAnswer, PredictionsAnswer } from '../../api.ts';
import { post } from '../ask.ts';
import { Asking, Nothing, outside, outsideText } from '../parts/answered.tsx';
import { Choice } from '../parts/controls.tsx';

type AskableModel = ModelsAnswer['models'][number];
type Asked = { name: string; picture: string; prediction: PredictionsAnswer['predictions'][number] };

export function PredictPage() {
  return (
    <>
      <h1 tabIndex={-1}>Predict</h1>
      <Asking<ModelsAnswer> path="/api/predictions" about={['metrics']} what="the models">
        {({ models: live }) => {
          const askable = live.filter(({ input }) => input.kinds.includes('image'));
          return askable.length === 0 ? (
            <Nothing>
              No live model takes images. docs/http.md explains how to request predictions of other models.
            </Nothing>
          ) : (
            <Ask models={askable} />
          );
        }}
      </Asking>
    </>
  );
}

function Ask({ models }: { models: AskableModel[] }) {
  const [chosen, setChosen] = useState(models[0]!.name);
  const [asked, setAsked] = useState<Asked[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const model = models.find(({ name }) => name === chosen) ?? models[0]!;

  async function predict(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    setIsAsking(true);
    setProblem(null);
    await askModel(model, files).then(
      (found) => setAsked((before) => [...found, ...before]),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
    setIsAsking(false);
  }

  return (
    <>
      <p class="lead">
        What is predicted here is what is predicted for the same image in a file. It is only tried: nothing of it is
        kept, and it counts nowhere. Files, and what calls the API, do count.
      </p>
      <div class="filters">
        <Choice
          label="Model"
          value={model.name}
          options={models.map(({ name, version }) => [name, outsideText(`${name} ${version}`)])}
          onChoose={setChosen}
        />
      </div>
      <DropZone model={model} onFiles={(files) => void predict(files)} />
      <div role="status">{isAsking && <p class="quiet">Asking the model…</p>}</div>
      {problem !== null && (
        <p class="notice bad" role="alert">
          {outside(problem)}
        </p>
      )}
      {asked.map((one, i) => (
        <Prediction key={asked.length - i} asked={one} />
      ))}
    </>
  );
}

function DropZone({ model: { input }, onFiles }: { model: AskableModel; onFiles: (files: File[]) => void }) {
  const [isOver, setIsOver] = useState(false);
  const over = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setIsOver(is);
  };
  const bands = input.bands.length === 1 ? 'one band' : `${input.bands.length} bands`;
  return (
    <label
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={over(true)}
      onDragLeave={over(false)}
      onDrop={(event) => {
        over(false)(event);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <b>Drop images here, or choose them</b>
      <span class="small quiet">
        {input.width} × {input.height} pixels in {bands}; PNG, JPEG, WebP, JPEG 2000 or GeoTIFF.{' '}
        {input.isPicture && 'Pictures of other sizes and colours are converted.'}
      </span>
      <input
        type="file"
        multiple
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ''; // so that the same one may be chosen again
        }}
      />
    </label>
  );
}

function Prediction({ asked: { name, picture, prediction } }: { asked: Asked }) {
  const { class: predicted, probability, share, probabilities, value, labels, warnings, error } = prediction;
  const shares = probabilities ?? prediction.shares;
  return (
    <article class="card predicted">
      <Picture src={picture} name={name} />
      <div>
        <h2>{outside(name)}</h2>
        {error === null ? (
          <p>
            {predicted !== null && <b>{outsideText(predicted)}</b>}
            {probability !== null && ` with a probability of ${percent(probability)}`}
            {share != null && ` on ${percent(share)} of the pixels`}
            {labels != null && <b>{labels.length === 0 ? 'no label' : outsideText(labels.join(', '))}</b>}
            {value !== null && <b>{value}</b>}
          </p>
        ) : (
          <p class="notice bad">{outside(error)}</p>
        )}
        {warnings.map((warning) => (
          <p key={warning} class="notice warn">
            {outside(warning)}
          </p>
        ))}
        {error === null && shares != null && <Bars shares={shares} areLabels={labels != null} />}
      </div>
    </article>
  );
}

function Picture({ src, name }: { src: string; name: string }) {
  const [isShown, setIsShown] = useState(true);
  if (!isShown) return <p class="no-picture small quiet">Browsers show no picture of this format.</p>;
  return <img src={src} alt={outsideText(name)} onError={() => setIsShown(false)} />;
}

/** The shares, the largest first; of many, ten and the others together, which probabilities of labels are not. */
function Bars({ shares, areLabels }: { shares: Readonly<Record<string, number | null>>; areLabels: boolean }) {
  const known = Object.entries(shares).flatMap(([name, share]) => (share === null ? [] : [{ name, share }]));
  known.sort((a, b) => b.share - a.share);
  const shown = largest(known, ({ share }) => share).filter((one) => !areLabels || known.includes(one));
  return (
    <div class="bars small">
      {shown.map(({ name, share }) => (
        <Fragment key={name}>
          <span>{outsideText(name)}</span>
          <meter value={share} aria-label={outsideText(name)}>
            {percent(share)}
          </meter>
          <span>{percent(share)}</span>
        </Fragment>
      ))}
    </div>
  );
}

/** Has a model predict for images, in one request. Throws an `Error` with the server's sentence. */
async function askModel({ name }: AskableModel, files: readonly File[]): Promise<Asked[]> {
  const pictures = await Promise.all(files.map(dataUrlOf));
  const inputs = pictures.map((url, i) => ({ id: files[i]!.name, image: url.slice(url.indexOf(',') + 1) }));
  const text = await post(`/api/predictions/${encodeURIComponent(name)}`, { inputs });
  const { predictions } = JSON.parse(text) as PredictionsAnswer;
  return predictions.map(({ error, ...prediction }, i) => ({
    name: files[i]!.name,
    picture: pictures[i]!,
    prediction: { ...prediction, error: error?.replace(/^inputs\[\d+\]\.image: /, '') ?? null }, // the page has its name
  }));
}

/** Its content as base64, behind a comma. */
const dataUrlOf = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
