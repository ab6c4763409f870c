"""The versions that wait to be built, in order, and what is known of those that are being built."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Collection
from enum import Enum
from typing import Final

from redis.exceptions import WatchError

from orchestrator.store import keys
from orchestrator.store.connection import Client

_FAILURE_STANDS_MS: Final = 60_000


class Stop(Enum):
    """Why a version is not to be built any more."""

    CANCELED = "canceled"
    DELETED = "deleted"


class Builds:
    """The queue of builds; for one process at a time, which takes from it and says what became of each."""

    def __init__(self, client: Client, binary: Client) -> None:
        """`binary` is a client of the same store whose answers are bytes, for archives."""
        self._client = client
        self._binary = binary

    async def next(self, *, timeout_s: float) -> str | None:
        """Take the next version to build; `done` must follow. None when there is none within the time."""
        taken: str | None = await self._client.blmove(keys.BUILDS, keys.BUILDING, timeout_s, "LEFT", "RIGHT")
        return taken

    async def length(self) -> int:
        """How many versions wait to be built."""
        return int(await self._client.llen(keys.BUILDS))

    async def requeue(self, under_way: Collection[str] = ()) -> None:
        """Queue again, in order and first, what was taken and is not `under_way`: its process, or an answer to it, was lost."""
        lost = [one for one in await self._client.lrange(keys.BUILDING, 0, -1) if one not in under_way]
        async with self._client.pipeline(transaction=True) as pipe:
            for version_id in reversed(lost):
                pipe.lrem(keys.BUILDING, 0, version_id)
                pipe.lpush(keys.BUILDS, version_id)
            await pipe.execute()

    async def archive(self, version_id: str) -> AsyncIterator[bytes]:
        """The source that was uploaded for a version that is not built yet, in pieces; none when it is gone."""
        for index in itertools.count():
            piece: bytes | None = await self._binary.lindex(keys.archive(version_id), index)
            if piece is None:
                return
            yield piece

    async def begin(self, version_id: str) -> int:
        """Count a try; how many there were, with this one."""
        return int(await self._client.hincrby(keys.BUILD_TRIES, version_id, 1))

    async def forgive(self, version_id: str) -> None:
        """Do not count the newest try: it was interrupted, and not by what is built."""
        await self._client.hincrby(keys.BUILD_TRIES, version_id, -1)

    async def cancel(self, version_id: str) -> None:
        """Ask for the build to be stopped by whoever builds."""
        await self._client.sadd(keys.BUILDS_CANCELED, version_id)

    async def stopped(self, version_ids: Collection[str]) -> dict[str, Stop]:
        """Those of the versions that are not to be built any more."""
        async with self._client.pipeline(transaction=False) as pipe:
            for version_id in version_ids:
                pipe.exists(keys.version(version_id))
                pipe.sismember(keys.BUILDS_CANCELED, version_id)
            answers = iter(await pipe.execute() if version_ids else [])
        found = [(version_id, next(answers), next(answers)) for version_id in version_ids]
        return {
            version_id: Stop.CANCELED if exists else Stop.DELETED
            for version_id, exists, is_canceled in found
            if is_canceled or not exists
        }

    async def again(self, version_id: str, *, now_ms: int) -> str | None:
        """Have the image of a ready version built again; why that failed, if it did within the last minute."""
        async with self._client.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(keys.BUILDS_AGAIN)
                    known = await pipe.hget(keys.BUILDS_AGAIN, version_id)
                    failure = json.loads(known) if known else None
                    if failure and now_ms - failure["at_ms"] < _FAILURE_STANDS_MS:
                        return str(failure["why"])
                    if known is None or failure:  # else it is queued, or being built
                        pipe.multi()
                        pipe.hset(keys.BUILDS_AGAIN, version_id, "")
                        pipe.rpush(keys.BUILDS, version_id)
                        await pipe.execute()
                    return None
                except WatchError:
                    continue

    async def failed_again(self, version_id: str, why: str, *, now_ms: int) -> None:
        """Forget the build, and remember for a minute why there is no image."""
        await self._end(version_id, json.dumps({"why": why, "at_ms": now_ms}))

    async def done(self, version_id: str) -> None:
        """Forget the build and its source."""
        await self._end(version_id, None)

    async def _end(self, version_id: str, failure: str | None) -> None:
        """In one step: whoever asks for an image again is told of this end, or begins anew."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.lrem(keys.BUILDING, 0, version_id)
            pipe.delete(keys.archive(version_id))
            pipe.hdel(keys.BUILD_TRIES, version_id)
            pipe.srem(keys.BUILDS_CANCELED, version_id)
            if failure is None:
                pipe.hdel(keys.BUILDS_AGAIN, version_id)
            else:
                pipe.hset(keys.BUILDS_AGAIN, version_id, failure)
            await pipe.execute()

    async def gone(self, version_id: str) -> None:
        """Forget the build of a version that was deleted meanwhile, and what it has printed since."""
        await self.done(version_id)
        await self._client.delete(keys.version_logs(version_id))
