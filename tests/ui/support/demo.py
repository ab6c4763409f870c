"""What the pages show in tests and screenshots: two workflows and some hours of their runs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from orchestrator.core.runs.run import Failure, FailureClass, Run
from orchestrator.core.workflow import Source
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore
from tests.ui.support.story import Story, Try, raised, released

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
ORDERS: Final = 60
BAD_ORDER: Final = 17

RETRY: Final = {"max_retries": 2, "wait_duration_ms": 1000, "backoff_scaling": 2}


def parameter(name: str, kind: str, schema: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A parameter as a program registers it; `default_value` is JSON text."""
    return {
        "name": name, "type": kind, "has_default": "default_value" in rest, "schema": schema,
        "kind": "positional_or_keyword", **rest,
    }  # fmt: skip


def task(name: str, signature: str, *parameters: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A task as a program registers it."""
    return {"name": name, "options": options, "signature": f"{name}{signature}", "parameters": list(parameters)}


TEXT: Final = {"type": "string"}
SHOP: Final[list[object]] = [
    task(
        "daily_report", "(day: str, currency: str = 'EUR', *, send: bool = True) -> dict[str, object]",
        parameter("day", "str", TEXT),
        parameter("currency", "str", TEXT | {"enum": ["EUR", "USD", "CHF"]}, default_value='"EUR"'),
        parameter("send", "bool", {"type": "boolean"}, default_value="true"),
        plan="standard", timeout_seconds=900, retry={"max_retries": 0},
    ),
    task("fetch_orders", "(day: str) -> list[int]", parameter("day", "str", TEXT), plan="starter", retry=RETRY),
    task("charge", "(order: int) -> str", parameter("order", "int", {"type": "integer"}), plan="starter", retry=RETRY),
    task("render_pdf", "(day: str) -> str", parameter("day", "str", TEXT), plan="pro", retry=RETRY),
]  # fmt: skip
MEDIA: Final[list[object]] = [
    task("transcode", "(url: str, renditions: list[int]) -> dict[str, str]", parameter("url", "str", TEXT),
         parameter("renditions", "list[int]", {"type": "array", "items": {"type": "integer"}}), plan="standard"),
    task("encode", "(url: str, height: int) -> str", parameter("url", "str", TEXT),
         parameter("height", "int", {"type": "integer"}), plan="pro", retry=RETRY),
    task("thumbnail", "(url: str) -> str", parameter("url", "str", TEXT), plan="starter"),
    task("watch", "(seconds: float) -> int", parameter("seconds", "float", {"type": "number"}), plan="starter", retry=RETRY),
    task("upload", "(seconds: float) -> str", parameter("seconds", "float", {"type": "number"}), plan="starter", retry=RETRY),
    task("wide", "(count: int, seconds: float) -> int", parameter("count", "int", {"type": "integer"}),
         parameter("seconds", "float", {"type": "number"}), plan="standard"),
]  # fmt: skip

LATE: Final = Try(150, 0, 40, is_warm=True)
DECLINED: Final = raised(
    "CardDeclined", "order 17: the issuer declined the charge (code 51, insufficient funds)",
    'File "/app/main.py", line 41, in charge', "    receipt = gateway.charge(order.card, order.total)",
    'File "/app/gateway.py", line 88, in charge', "    raise CardDeclined(order, answer.code)",
)  # fmt: skip
CHILD_FAILED: Final = raised(
    "TaskRunError", "Subtask failed: order 17: the issuer declined the charge (code 51, insufficient funds)",
    'File "/app/main.py", line 23, in daily_report', "    receipts = await asyncio.gather(*[charge(order) for order in orders])",
)  # fmt: skip
OOM: Final = Failure(FailureClass.OOM, "killed at its memory limit of 4 GiB: a larger plan may help", retryable=True)


async def seed(runs: RunStore, logs: LogStore, workflows: WorkflowStore, now_ms: int) -> None:
    """Write it all; the newest run ended a minute before now."""
    chance = random.Random(4)
    source = Source("https://example.com/acme/shop.git", branch="main", is_git=True)
    old = await released(workflows, "shop", source, SHOP, now_ms - 72 * HOUR_MS)
    media = await released(workflows, "media", Source("/home/you/media"), MEDIA, now_ms - 48 * HOUR_MS)
    shop = await released(workflows, "shop", source, SHOP, now_ms - 5 * HOUR_MS)
    at_ms = now_ms - 6 * HOUR_MS
    while at_ms < now_ms - 12 * MINUTE_MS:
        story = Story(runs, logs, chance.choice([old if at_ms < shop.created_at_ms else shop, media, media]))
        await _small(story, chance, at_ms)
        at_ms += chance.randrange(20_000, 5 * MINUTE_MS)
    await _transcode(Story(runs, logs, media), now_ms - 9 * MINUTE_MS)
    await report(Story(runs, logs, shop), now_ms - 4 * MINUTE_MS, day="2026-11-24", bad=None, waits_ms=95_000)
    await report(Story(runs, logs, shop), now_ms - MINUTE_MS - 20_000, day="2026-11-25", bad=BAD_ORDER)


async def _small(story: Story, chance: random.Random, at_ms: int) -> None:
    ms = int(chance.lognormvariate(7.2, 1.1)) + 30
    one = Try(ms, chance.randrange(10, 400), chance.choice([20, 280, 320]), is_warm=chance.random() < 0.6)
    if story.version.task("thumbnail") is None:
        fails = chance.random() < 0.07
        tries = [replace(one, failure=DECLINED)] * 3 if fails else [one]
        order = BAD_ORDER if fails else chance.randrange(100, 999)
        await story.run("charge", [order], at_ms, tries, result=f"rcpt_{chance.randrange(10**6):06}")
    else:
        name = f"https://cdn.example.com/{chance.randrange(10**4):04}.jpg"
        broken = raised("UnidentifiedImageError", f"cannot identify image file {name}")
        tries = [replace(one, failure=broken)] if chance.random() < 0.04 else [one]
        await story.run("thumbnail", [name], at_ms, tries, result=f"{name}_thumb.webp")


async def report(story: Story, at_ms: int, *, day: str, bad: int | None, waits_ms: int = 0) -> Run:
    """A report of sixty orders, one of which may be bad; with `waits_ms` the last step waits for its retry."""

    async def children(story: Story, parent: Run, began_ms: int) -> int:
        _, fetched_ms = await story.run(
            "fetch_orders", [day], began_ms + 20, [Try(640, 12, 30, lines=FETCHED, is_warm=True)],
            result=list(range(1, ORDERS + 1)), parent=parent, call=0,
        )  # fmt: skip
        ends_ms = [await _charge(story, parent, fetched_ms, order, bad) for order in range(1, ORDERS + 1)]
        if bad is not None:
            return max(ends_ms)
        tries = [Try(2_400, 30, 310, OOM, PDF, memory_share=1, cpu_share=0.9, exit_code=137)] if waits_ms else []
        tries = [*tries, Try(3_100, waits_ms, 290, None, PDF, memory_share=0.93, cpu_share=1.7, throttled_share=0.3)]
        _, ended_ms = await story.run(
            "render_pdf", [day], max(ends_ms) + 15, tries, result="report.pdf", parent=parent, call=99
        )
        return ended_ms

    tries = [Try(900, 700, 310, CHILD_FAILED if bad is not None else None, REPORT, cpu_share=0.05)]
    run, _ = await story.run(
        "daily_report", {"day": day, "currency": "EUR"}, at_ms, tries,
        result={"day": day, "orders": ORDERS, "total": 48_210.55, "report": "report.pdf"}, children=children,
    )  # fmt: skip
    return run


async def _charge(story: Story, parent: Run, from_ms: int, order: int, bad: int | None) -> int:
    place, turn = (order - 1) % 12, (order - 1) // 12
    queued_ms = 30 + turn * 1_150 + place * 13
    good = Try(
        620 + order * 37 % 420, queued_ms, 40 if order % 3 else 270, lines=_charged(order), is_warm=bool(order % 3)
    )
    if order != bad:
        receipt = f"rcpt_{order:06}"
        _, ended_ms = await story.run(
            "charge", [order], from_ms + order, [good], result=receipt, parent=parent, call=order
        )
        return ended_ms
    failed = replace(good, failure=DECLINED, lines=_declined(order), exit_code=1)
    tries = [failed, replace(failed, queued_ms=20, ms=410), replace(failed, queued_ms=25, ms=450)]
    _, ended_ms = await story.run("charge", [order], from_ms + order, tries, parent=parent, call=order)
    return ended_ms


async def wide_tree(runs: RunStore, logs: LogStore, workflows: WorkflowStore, count: int, now_ms: int) -> None:
    """One run with so many children, for measurements."""
    version = (await workflows.versions((await workflows.get("media")).id))[0]

    async def children(story: Story, parent: Run, began_ms: int) -> int:
        for first in range(0, count, 100):
            calls = range(first, min(first + 100, count))
            await asyncio.gather(
                *(
                    story.run(
                        "watch",
                        [1],
                        began_ms + call,
                        [Try(500 + call % 700, call % 90, 30)],
                        result=1,
                        parent=parent,
                        call=call,
                    )
                    for call in calls
                )
            )
        return began_ms + count + 2_000

    await Story(runs, logs, version).run("wide", [count, 1], now_ms - 60_000, result=count, children=children)


async def _transcode(story: Story, at_ms: int) -> None:
    url = "https://cdn.example.com/launch.mov"

    async def children(story: Story, parent: Run, began_ms: int) -> int:
        ends_ms = []
        for call, height in enumerate((2160, 1440, 1080, 720, 480)):
            one = Try(
                height * 14, 20 + call * 40, 300, lines=_encoded(height), memory_share=height / 2400, cpu_share=1.6
            )
            tries = [Try(3_000, 20, 300, OOM, exit_code=137, memory_share=1), one] if height == 2160 else [one]
            _, ended_ms = await story.run(
                "encode", [url, height], began_ms + 30, tries, result=f"{height}.mp4", parent=parent, call=call
            )
            ends_ms.append(ended_ms)
        return max(ends_ms)

    await story.run(
        "transcode", [url, [2160, 1440, 1080, 720, 480]], at_ms, [Try(200, 30, 40, is_warm=True)],
        result={"2160": "2160.mp4"}, children=children,
    )  # fmt: skip


FETCHED: Final = ("GET https://shop.example.com/orders?day=2026-11-25", "\x1b[32m200\x1b[0m 60 orders in 0.41 s")
REPORT: Final = ("report for 2026-11-25 in EUR", "60 orders to charge")
PDF: Final = (
    "rendering 48 pages",
    ("stderr", "fontconfig: no match for 'Söhne', using 'DejaVu Sans'"),
    "writing report.pdf",
)


def _charged(order: int) -> Sequence[str]:
    return (f"charging order {order}", f"\x1b[32m✓\x1b[0m receipt rcpt_{order:06}")


def _declined(order: int) -> Sequence[Any]:
    return (
        f"charging order {order}",
        "\x1b[2mPOST https://pay.example.com/v2/charges\x1b[0m",
        "\x1b[33m402\x1b[0m Payment Required in 0.31 s",
        ("stderr", f"\x1b[1;31mdeclined\x1b[0m: order {order}, code 51 (insufficient funds)"),
        ("stderr", "Traceback (most recent call last):"),
        ("stderr", '  File "/app/main.py", line 41, in charge'),
        ("stderr", "    receipt = gateway.charge(order.card, order.total)"),
        ("stderr", "CardDeclined: order 17: the issuer declined the charge (code 51, insufficient funds)"),
    )


def _encoded(height: int) -> Sequence[str]:
    return [
        f"encoding {height}p",
        *(f"frame {frame:5} fps=47 q=28.0 size={frame * 31} kB" for frame in range(0, 1200, 60)),
    ]
