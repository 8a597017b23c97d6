import * as z from 'zod';

/** The header that says how many bytes of a body are JSON; without it, all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

/** The content type by which NVIDIA's Triton says the same in SageMaker, which hands no other header on. */
export const SAGEMAKER_TYPE = 'application/vnd.sagemaker-triton.binary+json;json-header-size=';

export type Body = { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> };

const ADDRESS = 'the address of a server, such as "https://models.example.org", without a password, ? or #';

function isAddress(text: string): boolean {
  const { protocol, username, password, search, hash } = URL.parse(text) ?? {};
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === '';
}

export const servedSchema = z.strictObject({
  url: z.string(ADDRESS).refine(isAddress, ADDRESS),
  model: z.string().min(1),
  version: z.string().min(1).optional(),
});

const name = z.string().regex(/^[a-z\d](-*[a-z\d]){0,62}$/i, 'a name of up to 63 letters, digits and hyphens');
/** An endpoint of Amazon SageMaker. By default, it is in this region, and chooses the production variant. */
export const sageMakerSchema = z
  .strictObject({
    sagemaker: name,
    region: z
      .string()
      .regex(/^[a-z]+(-[a-z]+)+-\d$/, 'a region, such as "us-east-1"')
      .optional(),
    variant: name.optional(),
    /** The model of a multi-model endpoint. */
    model: z.string().min(1).optional(),
    asynchronous: z.boolean().optional(),
  })
  .refine(
    ({ asynchronous, variant, model }) => asynchronous !== true || (variant ?? model) === undefined,
    'neither a variant nor a model beside "asynchronous": true',
  );

export type ServedModel = z.infer<typeof servedSchema>;
export type SageMakerEndpoint = z.infer<typeof sageMakerSchema>;
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
