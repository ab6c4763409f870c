"""The images of an instance's versions, each kept by a tag that names the instance."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from orchestrator.core.image import REPOSITORY, ImageConfig
from orchestrator.engine.base import ImageMissing
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import Conflict


class DockerImages:
    """Keeps images and lets them go.

    Instances on one host share the images of equal versions, so tags are counted: by ``{digest}`` a build finds what is there
    already, ``{instance}-{image}`` says that an instance needs it, and with the last of these the image goes. It stays when
    somebody else has given it a name.
    """

    def __init__(self, api: DockerApi, instance: str) -> None:
        self._api = api
        self._prefix = f"{REPOSITORY}:{instance}-"

    async def config(self, image: str) -> ImageConfig:
        """What it says of its containers. Raises ImageMissing."""
        found = await self._api.call(f"inspect image {image}", lambda client: client.inspect_image(image))
        return _config(found["Id"], found["Config"] or {})

    async def forget(self, tag: str) -> None:
        """Take the name away."""
        with suppress(ImageMissing, Conflict):
            await self._api.call(f"untag image {tag}", lambda client: client.remove_image(tag, noprune=True))

    async def keep(self, image: str) -> None:
        """Tag it as needed. Raises ImageMissing."""
        tag = self._tag(image).partition(":")[2]
        await self._api.call(f"keep image {image}", lambda client: client.tag(image, REPOSITORY, tag))

    async def kept(self) -> frozenset[str]:
        """The ids of the images tagged so."""
        found = await self._api.call("list images", lambda client: client.images(name=f"{self._prefix}*"))
        return frozenset(image["Id"] for image in found)

    async def release(self, image: str) -> None:
        """Take our tag away, and with it the image when it is the last; not while a container uses it."""
        with suppress(ImageMissing, Conflict):
            await self._api.call(f"remove image {image}", lambda client: self._untag(client, image))

    def _untag(self, client: Any, image: str) -> None:
        own = self._tag(image)
        others = set(client.inspect_image(image)["RepoTags"]) - {own}
        found_by_builds = {
            tag for tag in others if tag.startswith(f"{REPOSITORY}:") and "-" not in tag.partition(":")[2]
        }
        # Ours goes last: Docker refuses that while a container uses the image, and we will try again.
        for tag in (*(found_by_builds if others == found_by_builds else ()), own):
            client.remove_image(tag)

    def _tag(self, image: str) -> str:
        return f"{self._prefix}{image.removeprefix('sha256:')[:24]}"


def _config(image_id: str, said: Mapping[str, Any]) -> ImageConfig:
    pairs = (pair.partition("=") for pair in said.get("Env") or ())
    return ImageConfig(
        id=image_id,
        entrypoint=tuple(said.get("Entrypoint") or ()),
        command=tuple(said.get("Cmd") or ()),
        working_dir=said.get("WorkingDir") or "",
        env={name: value for name, _, value in pairs},
        has_volumes=bool(said.get("Volumes")),
        has_triggers=bool(said.get("OnBuild")),
    )
