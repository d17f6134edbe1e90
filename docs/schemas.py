"""Print the JSON Schemas of a configuration and of a result anew: python docs/schemas.py."""

from pathlib import Path

from earlywarning.batch.config import schema_text as run_schema
from earlywarning.output.exported import schema_text as result_schema

if __name__ == "__main__":
    for name, text in (("run", run_schema()), ("result", result_schema())):
        path = Path(__file__).with_name(f"{name}_schema.json")
        path.write_text(text, encoding="utf-8", newline="\n")
