"""A part of a repo that is installed with the whole: a member of a workspace, whose lock lies above it."""

from __future__ import annotations

from orchestrator.builder.node import manifest
from orchestrator.builder.source.tree import FileTree


def has_member(tree: FileTree, folder: str) -> bool:
    """Whether `folder` is a package of the workspace that the tree's top is."""
    if not folder or f"{folder}/{manifest.NAME}" not in tree:
        return False
    return "pnpm-workspace.yaml" in tree or manifest.read(tree).has_workspaces
