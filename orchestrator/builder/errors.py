"""What can be wrong with a deploy, each with a message for the person who deploys.

BadSource            the folder or archive itself: nothing was built
└── NothingToStart   no file of it starts tasks
BuildFailed          the image could not be built (the engine's, see `engine.base`)
RegistrationFailed   the image is fine, but its tasks could not be learned from it
"""

from __future__ import annotations


class BadSource(ValueError):  # noqa: N818
    """The folder cannot be deployed as it is."""


class NothingToStart(BadSource):
    """No file starts tasks, and nobody named one."""


class RegistrationFailed(Exception):  # noqa: N818
    """The user's code did not register its tasks; the message holds its traceback or last output."""
