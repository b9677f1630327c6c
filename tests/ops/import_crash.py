"""`masthead import` of many pages, killed with -9 at moments of chance and run again until it ends: every page is there, once,
and with its report and its bytes.

Only the standard library. From the environment: MASTHEAD_IMPORT_PAGES (2,000), MASTHEAD_BIN (default: the release build).
"""

import os
import random
import sqlite3
import subprocess
import sys
import time

from backup_drill import masthead
from server import BINARY, environment, report, scratch

PAGES = int(os.environ.get("MASTHEAD_IMPORT_PAGES") or 2_000)
# Kills at the most, and the seconds that an import may take in all.
MOST, LIMIT = 40, 240

PAGE = """渔港第{n}期工程完工

2024年05月02日 09:10 来源：海湾晚报 编辑：陈安

海湾5月2日电 渔港第{n}期工程周四完工，泊位增加{n}个。

港务部门说，渔船进港时间缩短一半。（完）
"""


def main():
    with scratch("import-crash") as folder:
        pages, database = folder / "pages", folder / "import.db"
        pages.mkdir()
        for n in range(PAGES):
            (pages / f"{n:05}.txt").write_text(PAGE.format(n=n), encoding="utf-8")
        url = f"sqlite://{database}"
        masthead("migrate", "--database-url", url)
        draw, kills, begun, output = random.Random(1), 0, time.monotonic(), folder / "out"
        while True:
            if time.monotonic() - begun > LIMIT:
                sys.exit("import-crash: it did not end in time")
            with open(output, "wb") as out:
                process = subprocess.Popen([BINARY, "import", str(pages), "--database-url", url], stdout=out, stderr=out, env=environment())
                try:
                    process.wait(timeout=draw.uniform(0.2, 2.0) if kills < MOST else LIMIT)
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    kills += 1
        if process.returncode != 0:
            sys.exit(f"import-crash: {output.read_text()[-500:]}")
        with sqlite3.connect(database) as connection:
            ask = lambda query: connection.execute(query).fetchone()[0]
            counts = {
                "pages": ask("SELECT count(DISTINCT digest) FROM ingests"),
                "reports": ask("SELECT count(*) FROM ingests WHERE length(report) > 2 AND length(raw) > 0"),
                "articles": ask("SELECT count(*) FROM articles"),
                "articles of a page": ask("SELECT count(*) FROM articles WHERE id IN (SELECT article_id FROM ingests)"),
                "texts searched": ask("SELECT count(*) FROM search_docs"),
            }
            state = ask("PRAGMA integrity_check")
        return 0 if report("import-crash", {
            f"it was killed ({kills} times)": kills > 0,
            **{f"{PAGES} {what} ({count})": count == PAGES for what, count in counts.items()},
            "SQLite finds nothing wrong": state == "ok",
        }) else 1


if __name__ == "__main__":
    sys.exit(main())
