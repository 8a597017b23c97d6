# A server of predictions over HTTP (docs/http.md#in-a-container), and with a command of swath what runs it: `work KEY` a job on AWS Batch
# (docs/deploy.md#models-that-need-more-than-a-function).
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /swath
COPY package.json package-lock.json .npmrc ./
# No scripts: what they would fetch is a Node of its own, and the image has one. Beside it goes what only other machines run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && cd node_modules/onnxruntime-node/bin/napi-v6 \
  && find . -mindepth 2 -maxdepth 2 ! -path "./linux/$(node -p process.arch)" -exec rm -rf {} +
# For GPUs, with a base that has CUDA 12 and cuDNN 9, on linux/x64 alone: `CUDA=12`. onnxruntime fetches what runs on them for its own version.
ARG CUDA=
RUN [ -z "${CUDA}" ] || { cd node_modules/onnxruntime-node \
  && node script/install.js "--onnxruntime-node-install=cuda${CUDA}" \
  && rm bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so; }
COPY . .
# What a server loads is compiled once, here, instead of at each start, by the user and with the flags that the cache is for. Node lets
# nobody else read what it writes.
RUN mkdir .compiled && chown 1000 .compiled
USER 1000
RUN export NODE_COMPILE_CACHE=/swath/.compiled \
  && { node --max-semi-space-size=4 cli/swath.mjs serve --models models --no-key --port 38080 & } \
  && until node deployment/healthCheck.mjs 38080; do tries=$((tries + 1)) && [ $tries -lt 300 ] && kill -0 $! && sleep 0.2 || exit 1; done \
  && kill $! && wait $! && chmod -R a+rX .compiled

FROM ${BASE}
# Two arenas, and bodies outside of them: else glibc keeps a hundred MiB or two of what is freed.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/swath/.compiled MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=262144
WORKDIR /swath
COPY --chown=0:0 --from=build /swath ./
# `node` of the image, by its number: Kubernetes can tell that it is not root.
USER 1000
EXPOSE 8080
# /healthz runs the live model on its package's sample.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "deployment/healthCheck.mjs"]
# Options alone are those of the server; Node takes the shell's place, and its signals.
ENTRYPOINT ["sh", "-c", "case \"$1\" in -*) set -- serve --host 0.0.0.0 --port 8080 \"$@\";; esac; exec node --max-semi-space-size=4 cli/swath.mjs \"$@\"", "swath"]
CMD ["--models", "models", "--key-file", "/run/secrets/keys"]
