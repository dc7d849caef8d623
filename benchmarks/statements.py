"""What is sent to the database."""

import time
from typing import Any


class Statements:
    """Counts the statements sent to the database, and keeps the duration of the slowest."""

    def __init__(self) -> None:
        self.number = 0
        self.slowest = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.number += 1
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.slowest = max(self.slowest, time.perf_counter() - began)
