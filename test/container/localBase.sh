#!/usr/bin/env bash
# Makes the image swath-local-base of an image of Debian that is here: with Node and npm as this machine has them, its certificates and the
# address of its registry, for where none can be pulled. Credentials are not copied: an image keeps them in its layers.
#   localBase.sh DEBIAN_IMAGE
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
context=$(mktemp -d)
registry=$(npm config get registry | sed 's#//[^/@]*@#//#')
trap 'rm -rf "$context"' EXIT
cp -L "$project/node_modules/node/bin/node" "$context/node"
cp -rL "$(npm root --global)/npm" "$context/npm"
cat "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" >"$context/certificates.crt"
cat >"$context/Dockerfile" <<END
FROM $1
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY certificates.crt /etc/ssl/certs/swath-local-base.crt
ENV npm_config_registry=$registry
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/swath-local-base.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --uid 1000 node
END
DOCKER_BUILDKIT=0 docker build --quiet --tag swath-local-base "$context" >/dev/null
