"""The program of `crashguard doctor`: it crashes with a test report for the given destination.

python doctor.py [DSN]
"""

import sys

import crashguard


class DoctorTest(Exception):  # noqa: N818 (it is no error)
    """A test report; nothing is wrong."""


dsn = sys.argv[1] if len(sys.argv) > 1 else None
crashguard.install(app="crashguard-doctor", version=crashguard.__version__, dsn=dsn, note=False)
raise DoctorTest("a test report of `crashguard doctor`: nothing crashed")
