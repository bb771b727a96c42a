"""Transport: from the spool to a server, outside of the dying process wherever that is possible.

dispatch   who sends: a detached uploader, this process, or the next run (needed while dying: cheap)
spawn      the start of a detached uploader
uploader   the detached process
upload     one pass over the reports that wait: consent, backoff, send, move; upload_stats: over stats
lock       one sender a folder
backoff    when to try again: Retry-After and failures, kept across processes
sentry     one envelope to one server; the only door to sentry_sdk
segment    one batch of stats to one data plane
http       whom to trust, which proxy to use, what an answer means
"""
