from importlib.util import find_spec

import idna
import shop
import six
from orchestrator_sdk import Workflows

app = Workflows()


@app.task
def found() -> list[object]:
    return [six.__version__, idna.__version__, shop.NET, find_spec("toolz") is None]


app.start()
