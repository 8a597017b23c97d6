# Starts ministack with faults of its release 1.5 mended that keep this service from running on it as it runs on AWS:
# - S3's events leave out a version's id, though its bucket keeps versions.
# - A Lambda function's handler is looked for in .js and .mjs alone, and not in .cjs.
# - What a function throws is called Runtime.HandlerError, whatever the error's name, by which a state machine decides.
# - aws:PrincipalArn of a role's session is the session's ARN, and not the role's.
# - A right to put metrics into one namespace is no right at all: nobody says what the namespace of a request is.
# - A wildcard of a policy covers no line feed, which a key may have.
# - CloudFormation knows AWS::IAM::Policy, and not AWS::IAM::RolePolicy, which is one of one role.
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from mended import run  # noqa: E402

MENDS = {
    "ministack.services.cloudformation.provisioners": [
        (
            '    "AWS::IAM::Policy": {\n        "create"',
            '    "AWS::IAM::RolePolicy": {\n'
            '        "create": lambda one, props, of: _iam_policy_create(one, _of_role(props), of),\n'
            '        "update": lambda one, old, new, of: _iam_policy_update(one, _of_role(old), _of_role(new), of),\n'
            '        "delete": lambda one, props: _iam_policy_delete(one, _of_role(props)),\n'
            '    },\n    "AWS::IAM::Policy": {\n        "create"',
        ),
        (
            "def _iam_policy_put(",
            'def _of_role(props):\n    return {**props, "Roles": [props["RoleName"]]}\n\n\ndef _iam_policy_put(',
        ),
    ],
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
        ("re.IGNORECASE if ignore_case else 0)", "re.DOTALL | (re.IGNORECASE if ignore_case else 0))"),
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

run("ministack", MENDS)
