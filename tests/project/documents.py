"""The documents of the project, and what they name: commands, paths, addresses, variables, code."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Document:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return BLOCK.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        return [block for kind, block in BLOCK.findall(self.text) if kind == language]

    def spans(self) -> Iterator[str]:
        """Yield what stands between backticks, on one line or on two."""
        for span in re.findall(r"`([^`]+)`", self.prose):
            yield " ".join(span.replace(r"\|", "|").split())

    def lines_of_commands(self) -> Iterator[str]:
        """Yield each line that somebody would type."""
        yield from self.spans()
        for block in self.blocks("sh"):
            yield from block.splitlines()

    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    def anchors(self) -> set[str]:
        """Return the anchors of its headings, as forges make them."""
        headings = re.findall(r"^#+ (.+)$", self.prose, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files() -> list[str]:
    """Return the files of the project, as a clone has them, and new ones."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = done.stdout.split("\0") if done.returncode == 0 else map(_relative, ROOT.rglob("*"))
    return sorted(name for name in names if (ROOT / name).is_file())


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


DOCUMENTS = [Document(ROOT / name) for name in files() if name.endswith(".md") and not name.startswith(".venv")]


def document(name: str) -> Document:
    return Document(ROOT / name)
