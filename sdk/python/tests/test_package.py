"""What is generated, and what is installed."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ADMIN_KEY, TOP, Server

PACKAGE = TOP / "sdk/python"


def test_what_is_generated_is_what_the_document_gives(tmp_path: Path) -> None:
    subprocess.run([sys.executable, PACKAGE / "generate.py", TOP / "docs/openapi.json", tmp_path], check=True)
    for made in tmp_path.iterdir():
        kept = PACKAGE / "src/onsale" / made.name
        assert made.read_text() == kept.read_text(), f"{kept} is not what generate.py writes"
    assert len(list(tmp_path.iterdir())) == 3


def test_the_package_as_it_is_installed_buys_a_ticket(tmp_path: Path, server: Server) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", tmp_path, PACKAGE], check=True)
    assert (tmp_path / "onsale/py.typed").exists()
    command = [sys.executable, str(PACKAGE / "examples/buy.py"), server.url, "11"]
    bought = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, stdout=subprocess.PIPE, text=True, check=True)
    assert re.fullmatch(r".+, \S+: section \S+, row \S+, seat \S+\n[\w-]+\.[\w-]+\.[\w-]+\n", bought.stdout)


def test_what_the_guide_shows_runs(server: Server) -> None:
    guide = (TOP / "docs/sdk.md").read_text() + (PACKAGE / "README.md").read_text()
    programs = re.findall(r"^```python\n(.+?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert len(programs) == 3
    shown = "\n".join(programs).replace("http://127.0.0.1:8080", server.url)
    env = os.environ | {"PYTHONPATH": str(PACKAGE / "src"), "SHOP_KEY": ADMIN_KEY}
    ran = subprocess.run([sys.executable, "-c", shown], env=env, stdout=subprocess.PIPE, text=True, check=True)
    # Two tickets, a payment and its event, and the ticket of the README.
    assert len(re.findall(r"[\w-]+\.[\w-]{20,}\.[\w-]{20,}", ran.stdout)) == 3
    assert "onsale.payment.made" in ran.stdout and "'seatIds': [" in ran.stdout


def test_the_types_hold() -> None:
    subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", os.devnull], cwd=PACKAGE, check=True)
