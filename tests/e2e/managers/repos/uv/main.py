from importlib.util import find_spec

import idna
import prices
import six
import taxes
from orchestrator_sdk import Workflows

app = Workflows()


@app.task
def found() -> list[object]:
    return [six.__version__, idna.__version__, prices.NET + taxes.RATE, find_spec("toolz") is None]


app.start()
