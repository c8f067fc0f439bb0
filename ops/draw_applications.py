"""Draw the life of an application anew in ops/guide/applications.md: ``.venv/bin/python ops/draw_applications.py``."""

from pathlib import Path

from gateway.authz.applications.drawing import redrawn

PAGE = Path(__file__).resolve().parent / "guide" / "applications.md"

if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text("utf-8")), "utf-8")
