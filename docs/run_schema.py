"""Print the JSON Schema of a run's configuration anew: python docs/run_schema.py."""

from pathlib import Path

from earlywarning.batch.config import schema_text

if __name__ == "__main__":
    path = Path(__file__).with_name("run_schema.json")
    path.write_text(schema_text(), encoding="utf-8", newline="\n")
