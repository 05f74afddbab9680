"""Works on a stored backfill until its end: ``child.py URL NAME [workers]``. Killed by the tests."""

import resource
import sys

import psycopg

from lockgate.backfill.run import work_on
from lockgate.chunks.job import get_job

url, name, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1


def connect():
    return psycopg.connect(url, autocommit=True)


with connect() as connection:
    job = get_job(connection, name)
print("begun", flush=True)
work_on(connect, job, workers=workers)
print("done", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
