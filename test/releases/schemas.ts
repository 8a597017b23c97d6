import * as z from 'zod';
import { sceneEventSchema, sceneRefSchema } from '../../core/base/messages.ts';
import { contentClaimSchema } from '../../core/ledger/contentClaim.ts';
import { driftSchema, ledgerRowSchema } from '../../core/ledger/ledgerRow.ts';
import { promotedSchema } from '../../core/releases/models.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { inputSchemas } from '../stateMachine/inputSchemas.ts';

/** What this release checks whatever it reads against. */

export const SCHEMAS = {
  ...inputSchemas,
  sceneEvent: sceneEventSchema,
  // A row as its item in the table is, see core/ledger/ledgerItem.ts.
  ledgerItem: ledgerRowSchema
    .omit({ scene: true, model: true, changed: true })
    .extend({
      ...sceneRefSchema.shape,
      scene: z.string().regex(/^[^/]+\/[\s\S]+#/),
      model: z.string().regex(/^[^/]+\/./),
      changed: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{32}$/),
    }),
  digestItem: contentClaimSchema,
  metricsItem: z.object({
    model: z.string(),
    window: z.string(),
    judgement: z.string(),
    drift: driftSchema.nullable(),
  }),
  promoted: promotedSchema,
  observedParameters: observedParametersSchema,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;

/** The schemas as JSON, for a later release: of what goes in, before anything is made of it. */
export function schemasAsJson(): Record<SchemaName, unknown> {
  const asJson = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', override: takeAsRead });
  const entries = Object.entries(SCHEMAS).map(([name, schema]) => [name, asJson(schema)]);
  return Object.fromEntries(entries) as Record<SchemaName, unknown>;
}

/** What becomes a number: one, or a text that is one. */
const COERCED = { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?$' }] };

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

/** Where zod names what a schema makes of something, and not all that it takes: mends that. */
const takeAsRead: Override = ({ zodSchema, jsonSchema }) => {
  if (zodSchema instanceof z.ZodNumber && zodSchema.def.coerce === true) {
    delete jsonSchema.type;
    Object.assign(jsonSchema, COERCED);
  }
  if (zodSchema instanceof z.ZodObject && jsonSchema.required !== undefined)
    jsonSchema.required = jsonSchema.required.filter((name) => !(zodSchema.shape[name] instanceof z.ZodCatch));
  if (zodSchema instanceof z.ZodCatch) for (const name of Object.keys(jsonSchema)) delete jsonSchema[name];
};
