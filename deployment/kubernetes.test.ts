import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** Manifests for a cluster, as far as they can be tried without one. */

const FOLDERS = ['kubernetes', 'kubernetes-queue-wait', 'kubernetes-gpu', 'monitoring'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const kustomizations = FOLDERS.map((folder) => ({
  folder,
  ...parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')),
}));
const manifests = kustomizations.flatMap(({ folder, resources }) =>
  (resources as string[]).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name)),
);
const objects = manifests.flatMap((file) =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS()),
);
const ofKind = (kind: string) => objects.filter((one) => one.kind === kind);

describe('the manifests', () => {
  test('are all there, with the files that become configuration', () => {
    const files = kustomizations.flatMap(({ folder, resources, configMapGenerator = [] }) => [
      ...resources.map((name: string) => join(folder, name)),
      ...configMapGenerator.flatMap(({ files }: { files: string[] }) =>
        files.map((file) => join(folder, file.split('=').at(-1)!)),
      ),
    ]);
    assert.ok(files.length > 12);
    assert.deepEqual(
      files.filter((file) => !existsSync(file)),
      [],
    );
  });

  test('find one another by their names', () => {
    const configMaps = kustomizations.flatMap(({ configMapGenerator = [] }) =>
      configMapGenerator.map(({ name }: { name: string }) => name),
    );
    for (const { spec } of ofKind('Deployment')) {
      const { metadata, spec: pod } = spec.template;
      const matching = ofKind('Service').filter(({ spec: { selector } }) =>
        Object.entries(selector).every(([label, value]) => metadata.labels[label] === value),
      );
      assert.equal(matching.length, 1);
      assert.partialDeepStrictEqual(metadata.labels, spec.selector.matchLabels);
      const [container] = pod.containers;
      const ports = container.ports.map(({ name }: { name: string }) => name);
      assert.ok(ports.includes(matching[0].spec.ports[0].targetPort));
      const volumes = pod.volumes.map(({ name }: { name: string }) => name).sort();
      assert.deepEqual(container.volumeMounts.map(({ name }: { name: string }) => name).sort(), volumes);
      for (const { configMap } of pod.volumes) if (configMap) assert.ok(configMaps.includes(configMap.name));
    }
    const [autoscaler] = ofKind('HorizontalPodAutoscaler');
    assert.ok(ofKind('Deployment').some(({ metadata }) => metadata.name === autoscaler.spec.scaleTargetRef.name));
  });

  test("do not expose the server's metrics outside the cluster", () => {
    const [ingress] = ofKind('Ingress');
    const paths = ingress.spec.rules[0].http.paths.map(({ path }: { path: string }) => path);
    assert.deepEqual(paths, ['/v1/', '/v2', '/docs', '/openapi.json', '/healthz']);
  });

  test('give a busy server five seconds to answer a probe, before it gets no more requests or is ended', () => {
    const [server] = ofKind('Deployment').filter(({ metadata }) => metadata.name === 'swath');
    const [{ readinessProbe, livenessProbe }] = server.spec.template.spec.containers;
    assert.deepEqual([readinessProbe.timeoutSeconds, livenessProbe.timeoutSeconds], [5, 5]);
  });

  test('run nothing as root, and with no more rights than it takes', () => {
    for (const { spec } of ofKind('Deployment')) {
      const { securityContext, containers } = spec.template.spec;
      assert.deepEqual([securityContext.runAsNonRoot, securityContext.seccompProfile.type], [true, 'RuntimeDefault']);
      for (const { securityContext: own, resources } of containers) {
        assert.deepEqual([own.allowPrivilegeEscalation, own.capabilities.drop], [false, ['ALL']]);
        assert.ok(resources.requests && resources.limits.memory);
      }
    }
  });

  const isThere = spawnSync('kubernetes-validate', ['--version']).status === 0;
  if (!isThere && process.env['SWATH_KUBERNETES'] === 'required') throw new Error('There is no kubernetes-validate.');
  if (!isThere)
    console.error(
      'SKIPPED: the manifests are not held against the schemas, as there is no kubernetes-validate (PyPI).',
    );
  test('are what the schemas of Kubernetes allow', { skip: !isThere && 'there is no kubernetes-validate' }, () => {
    const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', ...manifests]);
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
