# A server of predictions over HTTP: docs/http.md#in-a-container
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /swath
COPY package.json package-lock.json .npmrc ./
# No scripts: what they would fetch is a Node of its own, and the image has one. Beside it goes what only other machines run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && cd node_modules/onnxruntime-node/bin/napi-v6 \
  && find . -mindepth 2 -maxdepth 2 ! -path "./linux/$(node -p process.arch)" -exec rm -rf {} +
COPY . .

FROM ${BASE}
# Two arenas, and bodies outside of them: else glibc keeps a hundred MiB or two of what is freed.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=262144
WORKDIR /swath
COPY --from=build /swath ./
# `node` of the image, by its number: Kubernetes can tell that it is not root.
USER 1000
EXPOSE 8080
# /healthz runs the live model on its package's sample.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "deployment/healthCheck.mjs"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "cli/swath.mjs", "serve", "--host", "0.0.0.0", "--port", "8080"]
CMD ["--models", "models", "--key-file", "/run/secrets/keys"]
