"""Transport: from the spool to a server, outside of the dying process wherever that is possible.

dispatch   who sends: a detached uploader, this process, or the next run (needed while dying: cheap)
spawn      the start of a detached uploader
uploader   the detached process
upload     one pass over what waits: consent, backoff, send, move
lock       one sender a spool
backoff    when to try again: Retry-After and failures, kept across processes
sentry     one envelope to one server; the only door to sentry_sdk
"""
