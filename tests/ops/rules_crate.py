"""Makes a crate of the rules alone: `rules_crate.py DIR`.

It holds copies of src/kernel and src/rights, the dependencies of Cargo.toml that these two name, Cargo.lock, and the
lints. Doctests are left out: those of `rights::custody` show the seal on the whole application.

Only the standard library.
"""

import pathlib
import re
import shutil
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("kernel", "rights")


def toml(value):
    """A value as TOML writes it, as far as Cargo.toml needs it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"


def main():
    made = pathlib.Path(sys.argv[1])
    (made / "src").mkdir(parents=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / "src" / folder, made / "src" / folder)
    (made / "src/lib.rs").write_text("".join(f"pub mod {folder};\n" for folder in FOLDERS))
    for name in ("Cargo.lock", "clippy.toml", "rust-toolchain.toml"):
        shutil.copy(ROOT / name, made / name)

    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    texts = (path.read_text() for path in (made / "src").rglob("*.rs"))
    # Without comments: doctests name what the rules themselves must not.
    sources = "\n".join(re.sub(r"^\s*//.*$", "", text, flags=re.M) for text in texts)
    lines = [
        "[package]",
        'name = "rules"',
        f"edition = {toml(manifest['package']['edition'])}",
        "[lib]",
        "doctest = false",
    ]
    for table in ("dependencies", "dev-dependencies"):
        lines.append(f"[{table}]")
        lines += [
            f"{name} = {toml(wanted)}"
            for name, wanted in manifest[table].items()
            if re.search(rf"\b{name.replace('-', '_')}::", sources)
        ]
    for tool, lints in manifest["lints"].items():
        lines.append(f"[lints.{tool}]")
        lines += [f"{name} = {toml(level)}" for name, level in lints.items()]
    # Most of the time goes into building, once for each mutant.
    lines += ["[profile.dev]", "debug = false", '[profile.dev.package."*"]', "opt-level = 1"]
    (made / "Cargo.toml").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
