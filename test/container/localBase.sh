#!/usr/bin/env bash
# Makes the image swath-local-base of an image of Debian that is here: with Node and npm as this machine has them, its npm settings and
# its certificates, for where none can be pulled.
#   localBase.sh DEBIAN_IMAGE
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp -L "$project/node_modules/node/bin/node" "$context/node"
cp -rL "$(npm root --global)/npm" "$context/npm"
cat ~/.npmrc >"$context/npmrc" 2>/dev/null || true
cat "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" >"$context/certificates.crt"
cat >"$context/Dockerfile" <<END
FROM $1
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY npmrc /root/.npmrc
COPY certificates.crt /etc/ssl/certs/swath-local-base.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/swath-local-base.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --uid 1000 node
END
DOCKER_BUILDKIT=0 docker build --quiet --tag swath-local-base "$context" >/dev/null
