import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { IMAGE_TYPES } from '../../core/doors/online/bodyInputs.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { API_ROUTES } from '../../deployment/restApi.ts';
import { propertiesOf, resourcesOf, type Template } from './template.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:swath-dev-';
const isOfApi = (id: string) => /^(Api|Predict|Catalogue)/.test(id);
const anything = z.looseObject({});
const integration = z.looseObject({ Type: z.string(), Uri: z.string() });
const method = z.looseObject({ HttpMethod: z.string(), ApiKeyRequired: z.boolean(), Integration: integration });

/**
 * What the parameter api deploys.
 *
 * @param plain the template without it
 */
export function checkApi(template: Template, plain: Template): void {
  const ofType = (type: string) => resourcesOf(template, `AWS::${type}`).filter(([id]) => isOfApi(id));

  describe('the API', () => {
    it('exists only with its parameter, with all of its resources', () => {
      assert.deepEqual(Object.keys(plain.Resources).filter(isOfApi), []);
      assert.doesNotMatch(JSON.stringify(plain.Resources), /ApiGateway|execute-api|swath-dev-(predict|catalogue)/);
      assert.deepEqual(
        Object.keys(plain.Outputs).filter((name) => /^Api/.test(name)),
        [],
      );
      const types = Object.entries(template.Resources).filter(([id]) => isOfApi(id));
      const count = (type: string) => types.filter(([, { Type }]) => Type === `AWS::${type}`).length;
      assert.deepEqual(
        Object.fromEntries(
          [...new Set(types.map(([, { Type }]) => Type))].sort().map((type) => [type, count(type.slice(5))]),
        ),
        {
          'AWS::ApiGateway::ApiKey': 1,
          'AWS::ApiGateway::Deployment': 1,
          'AWS::ApiGateway::GatewayResponse': 9,
          'AWS::ApiGateway::Method': API_ROUTES.length,
          'AWS::ApiGateway::Resource': 8,
          'AWS::ApiGateway::RestApi': 1,
          'AWS::ApiGateway::Stage': 1,
          'AWS::ApiGateway::UsagePlan': 1,
          'AWS::ApiGateway::UsagePlanKey': 1,
          'AWS::CloudWatch::Alarm': 5,
          'AWS::IAM::Role': 2,
          'AWS::IAM::RolePolicy': 3, // of endpointHosts and endpointSecret
          'AWS::Lambda::Function': 2,
          'AWS::Lambda::Permission': 2,
          'AWS::Lambda::Version': 2,
          'AWS::Logs::LogGroup': 2,
        },
      );
    });

    it('hands each route to its function, and takes no key but for those that say whether it is up, and how to ask', () => {
      const found = ofType('ApiGateway::Method').map(([, { Properties }]) => method.parse(Properties));
      assert.deepEqual(
        found.map(({ HttpMethod, ApiKeyRequired, Integration: { Type, Uri } }) => [
          HttpMethod,
          ApiKeyRequired,
          Type,
          Uri,
        ]),
        API_ROUTES.map((route) => [
          route.method,
          !['/healthz', '/openapi.json', '/docs'].includes(route.path),
          'AWS_PROXY',
          `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${LAMBDA}${route.function}/invocations`,
        ]),
      );
    });

    it('alone may call them, in this stage alone', () => {
      const SourceArn = 'arn:aws:execute-api:us-east-1:123456789012:swath-dev/dev/*';
      assert.deepEqual(
        ofType('Lambda::Permission').map(([, { Properties }]) => Properties),
        ['predict', 'catalogue'].map((name) => ({
          FunctionName: `${LAMBDA}${name}`,
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
          SourceArn,
        })),
      );
    });

    it('is deployed after all that it is made of', () => {
      const [[, deployment] = []] = ofType('ApiGateway::Deployment');
      const made = [...ofType('ApiGateway::Method'), ...ofType('ApiGateway::GatewayResponse')].map(([id]) => id);
      assert.deepEqual(z.array(z.string()).parse(deployment?.['DependsOn']).sort(), made.sort());
    });

    it('limits a key, all keys together, and strangers, as the parameters say', () => {
      const { apiRate, apiBurst, apiDailyQuota } = readParameters();
      const plan = propertiesOf(template, 'ApiUsagePlan', anything);
      assert.deepEqual(plan['Throttle'], { RateLimit: apiRate, BurstLimit: apiBurst });
      assert.deepEqual(plan['Quota'], { Limit: apiDailyQuota, Period: 'DAY' });
      const { MethodSettings } = propertiesOf(template, 'ApiStage', anything);
      const open = { HttpMethod: 'GET', ThrottlingRateLimit: 2, ThrottlingBurstLimit: 10 };
      assert.deepEqual(MethodSettings, [
        { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: apiRate, ThrottlingBurstLimit: apiBurst },
        ...['/~1healthz', '/~1openapi.json', '/~1docs'].map((ResourcePath) => ({ ResourcePath, ...open })),
      ]);
    });

    it('takes images as binary', () => {
      assert.deepEqual(propertiesOf(template, 'Api', anything)['BinaryMediaTypes'], IMAGE_TYPES);
    });

    it('answers each error as a problem of RFC 9457, with its status', () => {
      const told = z.looseObject({
        ResponseType: z.string(),
        StatusCode: z.string(),
        ResponseParameters: z.record(z.string(), z.string()),
        ResponseTemplates: z.strictObject({ 'application/json': z.string() }),
      });
      const found = ofType('ApiGateway::GatewayResponse').map(([, { Properties }]) => told.parse(Properties));
      for (const { StatusCode, ResponseParameters, ResponseTemplates } of found) {
        const problem = JSON.parse(ResponseTemplates['application/json']);
        assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'detail']);
        assert.equal(StatusCode, String(problem.status));
        assert.equal(ResponseParameters['gatewayresponse.header.Content-Type'], "'application/problem+json'");
        assert.ok(!('gatewayresponse.header.Access-Control-Allow-Origin' in ResponseParameters));
      }
      const status = Object.fromEntries(found.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode]));
      assert.deepEqual(status, {
        INVALID_API_KEY: '403',
        MISSING_AUTHENTICATION_TOKEN: '404',
        REQUEST_TOO_LARGE: '413',
        THROTTLED: '429',
        QUOTA_EXCEEDED: '429',
        INTEGRATION_TIMEOUT: '504',
        INTEGRATION_FAILURE: '504',
        DEFAULT_4XX: '400',
        DEFAULT_5XX: '500',
      });
    });
  });
}
