"""Judges a run of cargo-mutants: `mutants.py OUTCOMES.json REASONS.md WHOLE`.

Prints the score and each survivor. A survivor is excused by a row of the table in REASONS.md, which names its place as
`file:function` and its change as cargo-mutants words it. Exit status 1 if a survivor has no reason, or if WHOLE is 0
(no argument narrowed the run) and a reason is about no survivor.

Only the standard library.
"""

import json
import pathlib
import sys


def reasons(path):
    """The rows of the table: {(place, change): reason}."""
    rows = {}
    for line in pathlib.Path(path).read_text().splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "\0").strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            place, change = (cell.strip("`").replace("\0", "|") for cell in cells[:2])
            rows[place, change] = cells[2]
    return rows


def named(mutant):
    """A mutant's place and change, without line numbers, which every edit moves."""
    function = mutant.get("function") or {}
    place = f"{mutant['file'].removeprefix('src/rights/')}:{function.get('function_name', '')}"
    change = mutant["name"].split(": ", 1)[1]
    return place, change


def main():
    outcomes, table, narrowed = sys.argv[1:]
    run = json.loads(pathlib.Path(outcomes).read_text())
    by_summary = {}
    for outcome in run["outcomes"]:
        if outcome["scenario"] == "Baseline":
            if outcome["summary"] != "Success":
                sys.exit("mutants: the tests fail without any mutant")
            continue
        by_summary.setdefault(outcome["summary"], []).append(outcome["scenario"]["Mutant"])
    if sum(map(len, by_summary.values())) != run["total_mutants"]:
        sys.exit("mutants: the run was cut short")

    caught = sum(len(by_summary.get(summary, [])) for summary in ("CaughtMutant", "Timeout"))
    survivors = by_summary.get("MissedMutant", [])
    unviable = len(by_summary.get("Unviable", []))
    excused, bad = reasons(table), False
    unused = dict(excused)
    alive = 0
    for mutant in survivors:
        key = named(mutant)
        unused.pop(key, None)
        if key in excused:
            print(f"mutants: survives for a reason: {key[0]}: {key[1]} ({excused[key]})")
        else:
            alive, bad = alive + 1, True
            row = key[1].replace("|", "\\|")
            print(f"mutants: SURVIVES: {mutant['name']}\n  for the table: | `{key[0]}` | `{row}` |")
    if narrowed == "0":
        for place, change in unused:
            bad = True
            print(f"mutants: the table excuses what does not survive: {place}: {change}")
    viable = caught + len(survivors)
    rate = 100 * caught / viable if viable else 0
    print(
        f"mutants: {caught} of {viable} found ({rate:.1f} %), {len(survivors) - alive} survive for a reason, "
        f"{alive} without one; {unviable} do not compile"
    )
    sys.exit(1 if bad or not viable else 0)


if __name__ == "__main__":
    main()
