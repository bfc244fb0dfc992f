"""Unpacks the files of a wheel that match patterns: unpack.py WHEEL FOLDER PATTERN...

Prints `total BYTES` and, as it goes on, `done BYTES`. A mistake ends it with one JSON object on standard error.
"""

import errno
import fnmatch
import json
import os
import sys
import zipfile

CHUNK = 4 << 20


def main(wheel, folder, patterns):
    parent = os.getppid()
    with zipfile.ZipFile(wheel) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and any(fnmatch.fnmatchcase(member.filename, p) for p in patterns)
        ]
        print("total", sum(member.file_size for member in members), flush=True)
        done = 0
        for member in members:
            target = os.path.join(folder, *member.filename.split("/"))
            if not os.path.realpath(target).startswith(os.path.realpath(folder) + os.sep):
                raise ValueError("%s lies outside the folder" % member.filename)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as out:
                while True:
                    chunk = source.read(CHUNK)
                    if not chunk:
                        break
                    if os.getppid() != parent:
                        sys.exit(1)
                    out.write(chunk)
                    done += len(chunk)
                    print("done", done, flush=True)
            mode = member.external_attr >> 16 & 0o777
            if mode:
                os.chmod(target, mode | 0o600)


try:
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
except OSError as error:
    json.dump({"code": errno.errorcode.get(error.errno or 0, ""), "message": str(error)}, sys.stderr)
    sys.exit(1)
except (zipfile.BadZipFile, EOFError, ValueError) as error:
    json.dump({"code": "BADWHEEL", "message": str(error)}, sys.stderr)
    sys.exit(1)
