"""The key that the tests' stores have their variables encrypted with."""

from __future__ import annotations

from typing import Final

from orchestrator.store.env_cipher import EnvCipher

CIPHER: Final = EnvCipher(EnvCipher.new_key())
