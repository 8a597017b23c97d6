#!/usr/bin/env bash
# From features to SQL: 20 mails are put into the store of features, two requests name ten pairs of them by their ids and go through the
# queue, a model of text pairs classifies these, and SQL shows what it said of which records. Run it in the project's folder:
#
#   bash samples/mail-pairs/run.sh                # here, beside "npm start" or without it
#   bash samples/mail-pairs/run.sh --stage dev    # on a stage with --param="requests=true" --param="redshift=workgroup:…"
#
# Every command gets these options. Run again, it changes nothing: each pair has one prediction.
set -euo pipefail

table=predictions engine=
if [[ " $*" == *' --stage'* ]]; then
  table=prediction_results engine='--engine redshift'
  npx swath sql 'SELECT 1' $engine "$@" >/dev/null # fails where the stage has no warehouse
fi
package=$(mktemp -d)
trap 'rm -r "$package"' EXIT

# A model of two texts, made of the bundled one of single mails: it reads the feature "text" of both records of a pair.
cp models/spam/1.0.0/{model.onnx,reference.json,tokenizer.json,tokenizer_config.json} "$package"
sed -e 's/"mlm:name": "spam"/"mlm:name": "mail-pairs"/' -e '/"swath:truth"/d' -e '/"swath:expected_accuracy"/d' \
  -e 's/"swath:text": .*/"swath:text": {"columns": ["first", "second"], "max_tokens": 128},\
    "swath:features": {"group": "mails", "pair": "text"}/' models/spam/1.0.0/item.json >"$package/item.json"
npx swath model publish "$package" "$@"
npx swath model promote mail-pairs/1.0.0 --beside --accepts 'mail-pairs/*' "$@" # of the inbox, it takes nothing but that

npx swath features put samples/mail-pairs/mails.csv --group mails "$@"
npx swath request samples/mail-pairs/pairs-{1,2}.json "$@" # sends them, and waits for their answers

# In a warehouse, the rows are there five to six minutes later.
sql="SELECT feature_id, second_feature_id, feature_time, class, probability FROM $table
  WHERE request_id IN ('mail-pairs-1', 'mail-pairs-2') ORDER BY request_id, \"index\""
for ((looks = 0; looks < 180; looks++)); do
  rows=$(npx swath sql "$sql" $engine "$@")
  [ "$(grep -c mail- <<<"$rows")" -lt 10 ] || break
  sleep 5
done
echo "$rows"
[ "$looks" -lt 180 ] || { echo "After 15 minutes, not all ten pairs are in $table: see \"npx swath redrive\"." >&2 && exit 1; }
