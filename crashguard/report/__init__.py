"""From a live exception to the bytes of a report. Pure: clock, ids and paths come in as arguments.

    limits        how much is kept of everything
    text          the one guarded door from a foreign object to text
    frames        traceback -> frames
    printed       a traceback that was printed -> frames
    exceptions    exception -> the values of Sentry's exception interface (chains, groups)
    fingerprint   what makes two crashes the same bug
    contexts      runtime, operating system, process
    event         all of it -> one event
    envelope      event <-> the bytes of a Sentry envelope

Events are plain dicts in Sentry's own shape: they are made in a dying process, where a class library
costs more than all the rest, and what they may hold is stated once, in `event`.

Must not be known here: disk, network, the telemetry level.
"""
