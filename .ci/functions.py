"""What was built of the functions: the size of what is uploaded, which is told, and the glibc that each needs, which must not
be later than that of Lambda.

Usage: functions.py BUILT GLIBC, the folder that was built into and the version that Lambda has."""

import io
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
    """Bytes of the zip that is uploaded."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(program, "bootstrap")
    return file.tell()


def main(built, glibc):
    most, wrong = tuple(map(int, glibc.split("."))), []
    for name in sorted(os.listdir(built)):
        program = os.path.join(built, name, "bootstrap")
        if not os.path.isfile(program):
            continue
        version = needed(program)
        print(f"{name}: {zipped(program) / 1e6:.1f} MB zipped, needs glibc {'.'.join(map(str, version))}")
        if version > most:
            wrong.append(f"{name} needs a later glibc than the {glibc} of Lambda")
    sys.exit("\n".join(wrong) or 0)


main(*sys.argv[1:])
