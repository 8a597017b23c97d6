# Runs in LocalStack's container before LocalStack starts (https://docs.localstack.cloud/references/init-hooks/), and mends two
# faults of its release 4.14 that would fail a run now and then which nothing is wrong with:
# - Two invocations that need a new environment at once: one walks through the environments while the other adds its own, and
#   ends with "dictionary changed size during iteration".
# - What goes wrong in its own Lambda service is told to a state machine as the error "Exception". AWS calls it
#   Lambda.ServiceException, which the state machine tries again.
from importlib.util import find_spec
from pathlib import Path

STEP_FUNCTIONS = "localstack.services.stepfunctions.asl.component.state.state_execution.state_task"


def replace(module, before, after):
    path = Path(find_spec(module).origin)
    text = path.read_text()
    if before not in text:
        raise SystemExit(f"{path} has no {before!r} any more: see whether what it was mended for is mended")
    path.write_text(text.replace(before, after))


replace(
    "localstack.services.lambda_.invocation.assignment",
    "for env in self.environments[version_manager_id].values()\n",
    "for env in list(self.environments[version_manager_id].values())\n",
)
replace(
    f"{STEP_FUNCTIONS}.state_task_lambda",
    "if isinstance(ex, ClientError):\n",
    "if isinstance(ex, ClientError):\n            error = \"Lambda.ServiceException\"\n",
)
