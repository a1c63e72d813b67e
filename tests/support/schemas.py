"""Write the schemas that are shipped: `python tests/support/schemas.py`."""

from __future__ import annotations

from pathlib import Path

from synclog.core.schema import KINDS, file_name, schema_text

SHIPPED = Path(__file__).resolve().parents[2] / "synclog" / "schemas"


def main() -> None:
    SHIPPED.mkdir(exist_ok=True)
    for kind in KINDS:
        (SHIPPED / file_name(kind)).write_bytes(schema_text(kind).encode())


if __name__ == "__main__":
    main()
