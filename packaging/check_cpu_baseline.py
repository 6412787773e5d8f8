"""Fail when a compiled library uses instructions that ordinary processors do not have.

    python packaging/check_cpu_baseline.py LIBRARY.so…

hnswlib compiles for the processor it is built on unless HNSWLIB_NO_NATIVE is set, and such a
library ends with “Illegal instruction” elsewhere. 512-bit (zmm) and 256-bit (ymm) registers
are the signs; a build for every x86-64 processor has neither.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

WIDE_REGISTER = re.compile(r"%[zy]mm\d+")


def wide_instructions(library: Path) -> int:
    """How many instructions of the library touch zmm or ymm registers (objdump of binutils)."""
    listing = subprocess.run(
        ["objdump", "--disassemble", "--no-show-raw-insn", str(library)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(1 for line in listing.stdout.splitlines() if WIDE_REGISTER.search(line))


def main(words: list[str]) -> int:
    if not words:
        print(__doc__)
        return 2
    found = {word: wide_instructions(Path(word)) for word in words}
    for library, count in found.items():
        print(f"{library}: {count} instructions beyond the x86-64 baseline")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
