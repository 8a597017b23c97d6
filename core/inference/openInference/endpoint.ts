/** The header that says how many bytes of a body are JSON; without it, all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

/** The content type by which NVIDIA's Triton says the same in SageMaker, which hands no other header on. */
export const SAGEMAKER_TYPE = 'application/vnd.sagemaker-triton.binary+json;json-header-size=';

export type Body = { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> };

export type ServedModel = { readonly url: string; readonly model: string; readonly version?: string | undefined };

/** An endpoint of Amazon SageMaker, in another region than this one's if that is named. */
export type SageMakerEndpoint = {
  readonly sagemaker: string;
  readonly region?: string | undefined;
  /** The production variant; by default, the endpoint chooses. */
  readonly variant?: string | undefined;
  /** The model of a multi-model endpoint. */
  readonly model?: string | undefined;
  readonly asynchronous?: boolean | undefined;
};

export type Endpoint = ServedModel | SageMakerEndpoint;

/**
 * Sends a request to an endpoint: with a body by POST, else by GET.
 * @param path begins with `/v2`; of an endpoint of SageMaker, its name: that always gets a body
 * @throws {InvalidModelPackage} when the endpoint is none that may be asked
 * @throws {EndpointUnavailable} when it does not answer
 */
export type AskEndpoint<Kind extends Endpoint = Endpoint> = (
  endpoint: Kind,
  path: string,
  body?: Body,
) => Promise<EndpointAnswer>;
export type EndpointAnswer = {
  readonly status: number;
  readonly jsonLength: string | undefined;
  readonly bytes: Uint8Array;
};

/** Returns an endpoint of SageMaker as an operator names it, such as `sagemaker:forage` or `sagemaker:us-east-1/forage`. */
export const sageMakerName = ({ sagemaker, region }: SageMakerEndpoint): string =>
  `sagemaker:${region === undefined ? '' : `${region}/`}${sagemaker}`;
