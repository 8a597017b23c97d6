# Starts ministack with faults of its release 1.5 mended that keep this service from running on it as it runs on AWS:
# - S3's events leave out a version's id, though its bucket keeps versions.
# - A Lambda function's handler is looked for in .js and .mjs alone, and not in .cjs.
# - What a function throws is called Runtime.HandlerError, whatever the error's name, by which a state machine decides.
# - aws:PrincipalArn of a role's session is the session's ARN, and not the role's.
# - A right to put metrics into one namespace is no right at all: nobody says what the namespace of a request is.
import runpy
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path

MENDS = {
    "ministack.services.s3": [
        (
            '"sequencer": sequencer or "0"},\n',
            '"sequencer": sequencer or "0", **({"version-id": version_id} if version_id else {})},\n',
        )
    ],
    "ministack.core.lambda_runtime": [
        (
            'const mjsPath = fullPath + ".mjs";\n',
            'const mjsPath = [".mjs", ".cjs"].map((end) => fullPath + end).find(fs.existsSync) || "";\n',
        ),
        (
            'error: String(err.message || err), trace: err.stack || ""\n',
            'error: String(err.message || err), type: err.name, trace: err.stack || ""\n',
        ),
    ],
    "ministack.services.lambda_svc": [
        (
            'error_type = "Runtime.HandlerError"\n            if _RIE',
            'error_type = result.get("type") or "Runtime.HandlerError"\n            if _RIE',
        )
    ],
    "ministack.core.iam_evaluator": [
        (
            'return ctx.principal_arn\n    if k == "aws:principalaccount"',
            'return re.sub(r":sts::([0-9]*):assumed-role/(.*)/[^/]*$", r":iam::\\1:role/\\2", ctx.principal_arn)\n'
            '    if k == "aws:principalaccount"',
        )
    ],
    "ministack.app": [
        (
            "service_context = {**request_tag_context(",
            'service_context = {**({"cloudwatch:namespace": json.loads(body).get("Namespace")}'
            ' if iam_action == "cloudwatch:PutMetricData" else {}), **request_tag_context(',
        )
    ],
}


class Mended(SourceFileLoader):
    def get_code(self, name):
        text = Path(self.path).read_text()
        for before, after in MENDS[name]:
            if before not in text:
                raise SystemExit(f"{self.path} has no {before!r} any more: see whether what it was mended for is mended")
            text = text.replace(before, after)
        return compile(text, self.path, "exec")


class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in MENDS:
            return None
        spec = super().find_spec(name, path, target)
        spec.loader = Mended(name, spec.origin)
        return spec


sys.meta_path.insert(0, Finder)
runpy.run_module("ministack", run_name="__main__")
