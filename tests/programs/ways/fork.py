"""A child of os.fork raises; the parent ends well."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

if os.fork():
    print(os.waitstatus_to_exitcode(os.wait()[1]))
else:
    raise ValueError("child")
