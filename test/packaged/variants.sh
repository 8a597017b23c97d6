#!/usr/bin/env bash
# Packages the service into FOLDER/package, with each parameter that adds resources into package-with-…, and with all of them into package-with-all.
#   variants.sh FOLDER [few]
# `few` leaves out those with one parameter each, which check.yml has: each takes as long as a package.
set -euo pipefail
variants=(
  alarmWebhook=/swath/dev/alarm-webhook
  arrivalsWindowSeconds=60
  requests=true
  'api=true apiCorsOrigins=https://maps.example.org'
  'modelWatch=mlflow:drought@champion mlflowTrackingUri=https://mlflow.example.org mlflowSecret=/swath/dev/mlflow'
  throwAway=true
  serverRoles=arn:aws:iam::111122223333:role/server
  inboxBucket=an-inbox
  sqlTables=false
)
package() { # FOLDER, and what each parameter is
  local folder=$1 given=() parameter
  shift
  for parameter in "$@"; do given+=("--param=$parameter"); done
  npx sls package --package "$folder" ${given[@]+"${given[@]}"}
}
package "$1/package"
[ "${2:-}" = few ] || for variant in "${variants[@]}"; do
  # shellcheck disable=SC2086 # a variant may be several parameters
  package "$1/package-with-${variant%%=*}" $variant
done
# shellcheck disable=SC2068
package "$1/package-with-all" ${variants[@]:0:5}
