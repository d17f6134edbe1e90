"""Take the screenshots of the documentation, of the demo's site, with Debian's chromium.

    pip install . --group browser && python docs/images/screenshots.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
WIDTH = 1280
PAGES = {  # page: how much of it is shown
    "index": 1120, "authority-zzm008": 1130, "metric-care-assessment-late-pct": 1000,
    "theme-adult-social-care": 900,
}  # fmt: skip


def main() -> None:
    """Write the demo, open its pages, and save what is seen of them."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "demo"
        subprocess.run(
            [sys.executable, "-m", "earlywarning", "demo", "--out", str(out)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, height in PAGES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto((out / "site" / f"{name}.html").as_uri())
            page.screenshot(path=FOLDER / f"site_{name.partition('-')[0]}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
