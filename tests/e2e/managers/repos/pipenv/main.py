import six
from orchestrator_sdk import Workflows

app = Workflows()


@app.task
def found() -> list[object]:
    return [six.__version__]


app.start()
