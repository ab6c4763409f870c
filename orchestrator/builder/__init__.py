"""From a repo to a version: archive → project → image plan → image → registered tasks."""
