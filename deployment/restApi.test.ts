import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { API_ROUTES, type RestApi, restApi } from './restApi.ts';

const api: RestApi = { stage: 'dev', rate: 10, burst: 20, corsOrigins: [], isProvisioned: false };
const templateOf = (others: Partial<RestApi> = {}) => restApi({ ...api, ...others });
const deploymentOf = (others: Partial<RestApi> = {}) =>
  Object.keys(templateOf(others)).find((id) => id.startsWith('ApiDeployment'))!;
const optionsOf = (others: Partial<RestApi>) =>
  Object.entries(templateOf(others)).filter(([id]) => id.endsWith('Options'));

describe('the API of a stage', () => {
  test('is deployed anew where what it is made of changes, and only then', () => {
    assert.equal(deploymentOf(), deploymentOf({ rate: 5, burst: 5 }), 'limits are none of it');
    const others = [{}, { corsOrigins: ['*'] }, { isProvisioned: true }, { corsOrigins: ['https://a'] }];
    assert.equal(new Set(others.map(deploymentOf)).size, others.length);
    for (const one of others) {
      const resources = templateOf(one);
      assert.deepEqual(resources['ApiStage']!.Properties['DeploymentId'], { Ref: deploymentOf(one) });
    }
  });

  test('never lets strangers ask more often than those with a key', () => {
    const settings = templateOf({ rate: 1, burst: 3 })['ApiStage']!.Properties['MethodSettings'];
    for (const { ThrottlingRateLimit, ThrottlingBurstLimit } of settings as Record<string, number>[])
      assert.deepEqual([ThrottlingRateLimit, ThrottlingBurstLimit], [1, 3]);
  });

  test('calls predict by its alias where containers are kept', () => {
    const said = JSON.stringify(templateOf({ isProvisioned: true }));
    assert.match(said, /functions\/\$\{PredictProvConcLambdaAlias\}\/invocations/);
    assert.doesNotMatch(said, /PredictLambdaFunction/);
    assert.doesNotMatch(JSON.stringify(templateOf()), /ProvConc/);
  });
});

describe('pages of other origins', () => {
  test('may ask nothing by default', () => {
    assert.deepEqual(optionsOf({}), []);
    assert.doesNotMatch(JSON.stringify(templateOf()), /Access-Control/);
  });

  test('that are named are allowed by the gateway itself, without a key, each by its own name', () => {
    const corsOrigins = ['https://a.example.org', 'http://localhost:3000'];
    const found = optionsOf({ corsOrigins });
    assert.equal(found.length, API_ROUTES.length);
    for (const [, { Properties }] of found) {
      assert.equal(Properties['ApiKeyRequired'], false);
      const { Type, IntegrationResponses } = Properties['Integration'] as {
        Type: string;
        IntegrationResponses: { ResponseTemplates: Record<string, string> }[];
      };
      assert.equal(Type, 'MOCK');
      assert.match(
        IntegrationResponses[0]!.ResponseTemplates['application/json']!,
        /#if\(\$origin == "https:\/\/a\.example\.org" \|\| \$origin == "http:\/\/localhost:3000"\)#set/,
      );
    }
  });

  for (const origin of ['*', 'https://a.example.org'])
    test(`are allowed for ${origin} alone without a template`, () => {
      for (const [, { Properties }] of optionsOf({ corsOrigins: [origin] })) {
        const { IntegrationResponses } = Properties['Integration'] as {
          IntegrationResponses: { ResponseParameters: Record<string, string>; ResponseTemplates: object }[];
        };
        const [{ ResponseParameters, ResponseTemplates } = assert.fail()] = IntegrationResponses;
        assert.equal(ResponseParameters['method.response.header.Access-Control-Allow-Origin'], `'${origin}'`);
        assert.deepEqual(ResponseTemplates, { 'application/json': '' });
      }
    });

  test('hear of what the gateway refuses as well', () => {
    const originOf = (corsOrigins: string[]) => {
      const { ResponseParameters } = templateOf({ corsOrigins })['ApiInvalidApiKey']!.Properties;
      return (ResponseParameters as Record<string, string>)['gatewayresponse.header.Access-Control-Allow-Origin'];
    };
    assert.equal(originOf(['https://a']), "'https://a'");
    assert.equal(originOf(['https://a', 'https://b']), "'*'");
  });
});
