import shutil

import fastmath
from orchestrator_sdk import Workflows

app = Workflows()


@app.task
def found() -> list[object]:
    return [fastmath.twice(21), fastmath.__version__, shutil.which("gcc"), shutil.which("git")]


app.start()
