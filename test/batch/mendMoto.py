# Starts moto's server, whose Step Functions run a state machine, with faults of its release 5.2 mended that keep a job from being started:
# - Step Functions hand the parameters of a job to Batch as a state machine writes them (JobName), and not as Batch knows them (jobName).
# - What Batch answers is looked for as a state machine would see it (JobId).
# - An environment has to have a service role, where Batch takes a role of its own.
# - Jobs without a container all succeed, or all fail. Here one fails whose command has the word "fails".
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from mended import run  # noqa: E402

SERVICE = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_batch"
AS_BATCH_KNOWS = """
def as_batch_knows(value):
    if isinstance(value, list):
        return [as_batch_knows(one) for one in value]
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: as_batch_knows(one) for key, one in value.items()}
    return value
"""
MENDS = {
    SERVICE: [
        ("class StateTaskServiceBatch(", AS_BATCH_KNOWS + "\n\nclass StateTaskServiceBatch("),
        ("api_action)(**normalised_parameters)", "api_action)(**as_batch_knows(normalised_parameters))"),
        ('submission_output["JobId"]', 'submission_output["jobId"]'),
    ],
    "moto.batch.models": [
        ('properties["ServiceRole"]', 'properties.get("ServiceRole", "own")'),
        ("self.iam_backend.get_role_by_arn(service_role)", 'service_role == "own" or self.iam_backend.get_role_by_arn(service_role)'),
    ],
    "moto.batch_simple.models": [
        (
            'getenv("MOTO_SIMPLE_BATCH_FAIL_AFTER")',
            '"0" if "fails" in (job.container_overrides or {}).get("command", []) else ""',
        )
    ],
}

run("moto.server", MENDS)
