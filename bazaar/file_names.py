"""Names of stored files: the one form of a name, and how rows are found whose names have another.

`./a.png`, `sub//a.png`, `/a.png`, an absolute path into the storage, `sub\\a.png`, and `ä` in one or two characters are
spellings of names that a storage opens as the same file. What is compared is the normal form.
"""

import posixpath
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, FileField, Lookup
from django.db.models.sql.compiler import SQLCompiler


def normal_name(name: str) -> str:
    """Return the one form of a name: relative to the storage, with single slashes, composed characters."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/")
    if isinstance(default_storage, FileSystemStorage):
        root = unicodedata.normalize("NFC", str(default_storage.location)).replace("\\", "/").rstrip("/")
        text = text.removeprefix(f"{root}/")
    return posixpath.normpath(text.lstrip("/"))


def validate_name(value: Any) -> None:
    """Refuse the name of a stored file that is not in normal form. A new upload gets a generated name."""
    name = str(value)
    if getattr(value, "_committed", True) and (normal_name(name) != name or name.startswith("..")):
        raise ValidationError("The name of the file is not in its normal form.", code="file_name")


@FileField.register_lookup
class IsIrregular(Lookup):
    """Names that can be another spelling of a name: not ASCII, or with a part that is empty, `.` or `..`, or with `\\`.

    Without parameters and without a percent sign, so that an index can have it as its condition on each database.
    """

    lookup_name = "is_irregular"
    output_field = BooleanField()

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return rf"{column} ~ '[^ -~]|\\|^/|//|(^|/)\.\.?(/|$)'", list(params)
        forms = ("*[^ -~]*", r"*\*", "/*", "*//*", "./*", "../*", "*/./*", "*/../*", "*/.", "*/..")
        tests = [f"{column} GLOB '{form}'" for form in forms]
        return f"({' OR '.join(tests)})", list(params)
