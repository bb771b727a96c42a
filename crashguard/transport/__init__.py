"""Delivery: from the spool to a server, outside of the dying process wherever that is possible.

    launch       who sends: a detached uploader, this process, or the next run (needed while dying: cheap)
    uploader     the detached process
    upload       one pass over what waits: consent, patience, send, move
    consent      may this report leave now?
    patience     when to try again: Retry-After and backoff, kept across processes
    transport    one envelope to one server; the only door to sentry_sdk

Must not be known here: exceptions, scrubbing. What is in the spool goes out byte for byte.
"""
