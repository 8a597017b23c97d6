import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** The chart gives what the manifests of deployment/kubernetes give, so that there is one truth of both. */

type Manifest = { kind: string; metadata: { name: string; namespace?: string }; [field: string]: unknown };

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const read = (file: string) => readFileSync(here(`kubernetes/${file}`), 'utf8');
const isThere = spawnSync('helm', ['version']).status === 0;
if (!isThere && process.env['SWATH_HELM'] === 'required') throw new Error('There is no helm.');
if (!isThere) console.error('SKIPPED: the Helm chart is not tried, as there is no helm.');
const skip = !isThere && 'there is no helm';
const work = mkdtempSync(join(tmpdir(), 'swath-helm-'));
after(() => rmSync(work, { recursive: true }));

function helm(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

const TEMPLATE = ['template', 'swath', here('helm'), '--namespace', 'swath', '--kube-version', '1.37.0'];
const templated = (...values: string[]) => helm(...TEMPLATE, ...values);

const objectsIn = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS());
const byKind = (objects: Manifest[]) => Object.fromEntries(objects.map((one) => [one.kind, one]));

/** What kustomize makes of its folder: all of it in the namespace, with the image, and with the patches of an overlay. */
function kustomized(overlay?: string): Record<string, Manifest> {
  const { namespace, resources, images } = parse(read('kustomization.yaml'));
  const objects = (resources as string[]).flatMap((file) => objectsIn(read(file)));
  const all = byKind(objects.filter(({ kind }) => kind !== 'Namespace'));
  for (const one of Object.values(all)) one.metadata.namespace = namespace;
  const [container] = Object(all['Deployment']).spec.template.spec.containers;
  container.image = `${images[0].newName}:${images[0].newTag}`;
  const { patches = [] } = overlay === undefined ? {} : parse(read(`../kubernetes-${overlay}/kustomization.yaml`));
  for (const { target, patch } of patches) for (const change of parse(patch)) add(all[target.kind]!, change);
  return all;
}

/** An addition of a JSON patch (RFC 6902). */
function add(to: Manifest, { op, path, value }: { op: string; path: string; value: unknown }): void {
  assert.equal(op, 'add');
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/'));
  const parent = keys.slice(0, -1).reduce((node, key) => Object(node)[key], to as unknown);
  if (Array.isArray(parent)) parent.push(value);
  else Object(parent)[keys.at(-1)!] = value;
}

const GPU = ['--set', 'gpus=1,autoscaling.gpuPercent=70'];
const OTHERS = [
  '--set',
  'ingress.className=nginx,ingress.tlsSecret=,threads=4,modelsVolume.persistentVolumeClaim.claimName=models,env.TZ=UTC,extraArgs={--quiet},nodeSelector.disk=ssd,autoscaling.cpuPercent=0,autoscaling.queueWait=50m',
];

describe('the Helm chart', { skip }, () => {
  test('has nothing that helm lint objects to', () => void helm('lint', '--strict', here('helm')));

  for (const [what, overlay, values] of [
    ['as it stands gives the manifests', undefined, []],
    ['with a wait of the queue gives their overlay queue-wait', 'queue-wait', ['--set', 'autoscaling.queueWait=50m']],
    ['with a GPU gives their overlay gpu', 'gpu', GPU],
  ] as const)
    test(what, () => assert.deepEqual(byKind(objectsIn(templated(...values))), kustomized(overlay)));

  test('without an Ingress has none', () =>
    assert.equal(byKind(objectsIn(templated('--set', 'ingress.enabled=false')))['Ingress'], undefined));

  function assertRefused(args: string[], says: RegExp): void {
    const { status, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, says);
  }

  test('with nothing to scale on is refused', () =>
    assertRefused(
      [...TEMPLATE, '--set', 'autoscaling.cpuPercent=0'],
      /autoscaling: found none of cpuPercent, queueWait and gpuPercent, allowed are one or more\./,
    ));

  for (const name of ['swath.forage', '1swath'])
    test(`is refused for a release called ${name}, which no Service may be`, () =>
      assertRefused(
        TEMPLATE.with(1, name),
        new RegExp(`the release's name: found "${name}", allowed are lower-case `),
      ));

  test('has nothing of what is null and may be left out', () => {
    const { Deployment } = byKind(objectsIn(templated('--set', 'resources=null,env=null,extraArgs=null,gpus=null')));
    const [{ resources, env, args }] = Object(Deployment).spec.template.spec.containers;
    assert.deepEqual([resources, env, args.length], [{}, undefined, 6]);
  });

  test('is refused where what it needs is null', () => {
    for (const name of ['image', 'threads', 'keysSecret', 'autoscaling', 'autoscaling.maxReplicas', 'ingress.host'])
      assertRefused([...TEMPLATE, '--set', `${name}=null`], new RegExp(`missing property '${name.split('.').at(-1)}'`));
    assert.ok(templated('--set', 'ingress.enabled=false,ingress.host=null').length > 0);
  });

  test('takes the models of a volume, and other values', () => {
    const { Deployment, Ingress, HorizontalPodAutoscaler } = byKind(objectsIn(templated(...OTHERS)));
    const { containers, volumes, nodeSelector } = Object(Deployment).spec.template.spec;
    assert.deepEqual(containers[0].args.slice(0, 4), ['--models', '/models', '--threads', '4']);
    assert.deepEqual(containers[0].args.at(-1), '--quiet');
    assert.deepEqual(containers[0].env, [{ name: 'TZ', value: 'UTC' }]);
    assert.deepEqual(volumes.at(-1), { name: 'models', persistentVolumeClaim: { claimName: 'models' } });
    assert.deepEqual(nodeSelector, { disk: 'ssd' });
    assert.deepEqual([Object(Ingress).spec.ingressClassName, Object(Ingress).spec.tls], ['nginx', undefined]);
    assert.deepEqual(
      Object(HorizontalPodAutoscaler).spec.metrics.map(({ type }: { type: string }) => type),
      ['Pods'],
    );
  });

  const valuesOf = (values: object) => {
    const file = join(work, 'values.yaml');
    writeFileSync(file, JSON.stringify(values));
    return ['--values', file];
  };

  test('takes what YAML would read as something else, as texts', () => {
    const values = {
      image: '1e3',
      keysSecret: 'true',
      env: { NO: 'yes', BYTES: '1048576' },
      extraArgs: ['--max-batch', '1000000'],
      threads: 1_000_000,
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccountName: '7',
      ingress: { host: '*.example.com', tlsSecret: '0', className: 'null' },
    };
    const { Deployment, Ingress } = byKind(objectsIn(templated(...valuesOf(values))));
    const { containers, volumes, imagePullSecrets, serviceAccountName } = Object(Deployment).spec.template.spec;
    const [{ image, args, env }] = containers;
    assert.deepEqual([image, volumes[0].secret.secretName, serviceAccountName], ['1e3', 'true', '7']);
    assert.deepEqual(imagePullSecrets, values.imagePullSecrets);
    assert.deepEqual(
      Object.fromEntries(env.map((one: { name: string; value: string }) => [one.name, one.value])),
      values.env,
    );
    assert.deepEqual([args[3], ...args.slice(-2)], ['1000000', ...values.extraArgs]);
    const { ingressClassName, tls, rules } = Object(Ingress).spec;
    assert.deepEqual([ingressClassName, rules[0].host], ['null', '*.example.com']);
    assert.deepEqual(tls, [{ hosts: ['*.example.com'], secretName: '0' }]);
  });

  for (const [values, says] of [
    [{ env: { BYTES: 1048576 } }, /BYTES.*string/s],
    [{ extraArgs: ['--max-batch', 1000000] }, /extraArgs.*string/s],
    [{ ingress: { annotations: { size: 32 } } }, /annotations.*string/s],
    [{ autoscaling: { cpuPercentage: 50 } }, /cpuPercentage/],
    [{ imagePullSecret: 'registry' }, /imagePullSecret/],
  ] as const)
    test(`refuses ${JSON.stringify(values)}`, () => assertRefused([...TEMPLATE, ...valuesOf(values)], says));

  test('has pods that Prometheus finds, whatever the release is called', () => {
    const release = TEMPLATE.with(1, 'forage');
    const { labels } = Object(byKind(objectsIn(helm(...release)))['Deployment']).spec.template.metadata;
    const { scrape_configs } = parse(readFileSync(here('monitoring/prometheus-kubernetes.yml'), 'utf8'));
    const kept = scrape_configs[0].relabel_configs.filter(
      (rule: { source_labels: string[]; action: string }) =>
        rule.action === 'keep' && /_pod_label_/.test(rule.source_labels[0]!),
    );
    assert.equal(kept.length, 1);
    const label = Object.keys(labels).find(
      (name) => `__meta_kubernetes_pod_label_${name.replaceAll(/[^a-z]/g, '_')}` === kept[0].source_labels[0],
    );
    assert.equal(labels[label ?? ''], kept[0].regex);
  });

  const hasSchemas = spawnSync('kubernetes-validate', ['--version']).status === 0;
  test('gives what the schemas of Kubernetes allow', { skip: !hasSchemas && 'there is no kubernetes-validate' }, () => {
    const files = [[], GPU, OTHERS].map((values, i) => {
      const file = join(work, `${i}.yaml`);
      writeFileSync(file, templated(...values));
      return file;
    });
    const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', ...files]);
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
