"""Take the screenshots of the documentation: the demo's site in Debian's chromium.

Needs the dependency group `browser`. Run: python docs/images/screenshots.py.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from earlywarning.cli import app

FOLDER = Path(__file__).parent
WIDTH = 1280
SETTLES = 300  # milliseconds
PAGES = {  # page: how much of it is shown
    "index": 1120, "authority-zzm008": 1130, "metric-care-assessment-late-pct": 1900,
    "theme-adult-social-care": 900,
}  # fmt: skip
PICKED = "authority-zzm008"  # on the metric's page, as from its own


def main() -> None:
    """Write the demo, open its pages, and save what is seen of them."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "demo"
        CliRunner().invoke(app, ["demo", "--out", str(out)], catch_exceptions=False)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, height in PAGES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto((out / "site" / f"{name}.html").as_uri() + f"#{PICKED}")
            page.wait_for_timeout(SETTLES)
            page.screenshot(path=FOLDER / f"site_{name.partition('-')[0]}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
