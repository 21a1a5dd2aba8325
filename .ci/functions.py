"""What was built of the functions: the size of each, packed as it is deployed, and the glibc that it needs.
Sizes are told only: CI does not optimize across crates.

Usage: functions.py BUILT GLIBC, the folder that was built into and the version that Lambda has."""

import os
import re
import subprocess
import sys
import zipfile


def needed(program):
    """The latest version of glibc that a program asks for."""
    symbols = subprocess.run(["objdump", "-T", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    versions = re.findall(r"GLIBC_([0-9.]+)", symbols)
    return max((tuple(map(int, version.split("."))) for version in versions), default=(0,))


def zipped(program):
    path = program + ".zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(program, "bootstrap")
    size = os.path.getsize(path)
    os.remove(path)
    return size


def main(built, glibc):
    most, wrong = tuple(map(int, glibc.split("."))), []
    for name in sorted(os.listdir(built)):
        program = os.path.join(built, name, "bootstrap")
        if not os.path.isfile(program):
            continue
        size, version = zipped(program), needed(program)
        print(f"{name}: {size} bytes zipped, {os.path.getsize(program)} bytes, needs glibc {'.'.join(map(str, version))}")
        if version > most:
            wrong.append(f"{name} needs a later glibc than the {glibc} of Lambda")
    sys.exit("\n".join(wrong) or 0)


main(*sys.argv[1:])
