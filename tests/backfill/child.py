"""Works on a stored backfill until its end: ``child.py URL NAME [workers]``. Killed by the tests."""

import re
import sys
from pathlib import Path

import psycopg

from lockgate.backfill.run import work_on
from lockgate.chunks.job import get_job

url, name, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1


def peak_kilobytes():
    """The largest memory of this program; getrusage would count that of the test run, which forked it, as well."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def connect():
    return psycopg.connect(url, autocommit=True)


with connect() as connection:
    job = get_job(connection, name)
print("begun", flush=True)
work_on(connect, job, workers=workers)
print("done", peak_kilobytes(), flush=True)
