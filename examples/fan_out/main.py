import asyncio
import re
from collections import Counter
from pathlib import Path

from orchestrator_sdk import Workflows

app = Workflows(default_plan="starter")
CORPUS = Path(__file__).parent / "corpus"


@app.task(plan="standard")
async def common_words(top: int = 5, min_letters: int = 4) -> dict[str, int]:
    """The words the whole corpus uses most: one run for each of its files, all at once."""
    names = sorted(path.name for path in CORPUS.glob("*.txt"))
    counts = await asyncio.gather(*[count_words(name, min_letters) for name in names])
    total = sum((Counter(count) for count in counts), Counter())
    print(f"{total.total()} words in {len(names)} files")
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0]))[:top])


@app.task
def count_words(name: str, min_letters: int = 4) -> dict[str, int]:
    """How often each word of one file is used."""
    words = re.findall(rf"[a-z]{{{min_letters},}}", (CORPUS / name).read_text().lower())
    print(f"{name}: {len(words)} words")
    return dict(Counter(words))


if __name__ == "__main__":
    app.start()
