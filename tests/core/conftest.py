"""What several stories about core start from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.uploads import child


@pytest.fixture
def run_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Let a shell command take the child's place; returns the folder it may write in."""

    def replace(script: str) -> Path:
        monkeypatch.setattr(child, "COMMAND", ("/bin/sh", "-c", script.format(folder=tmp_path)))
        return tmp_path

    return replace
