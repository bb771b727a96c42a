"""What crashguard costs, beside a program without it and beside its peers, in one run.

    python -m benchmarks                         everything, with sentry-sdk and bugsnag beside it
    python -m benchmarks startup guard --quick   some of it, roughly, in seconds
    python -m benchmarks --write                 and put the tables into docs/cost.md and README.md
    python -m benchmarks --from FILE --write     the same from the --json of an earlier run

    rows, measure    a figure; taking it: pairs of runs in random order, loops, instruction counts
    peers            the other reporters, each in a venv of its own under .components/peers
    endpoints        a server on 127.0.0.1 in every mood a server has
    tables           figures as Markdown and JSON
    stages           where the instructions go, for whoever wants them fewer
    all others       one benchmark each: `run(args)` returns rows

Wall time on a shared machine is noise: what is compared runs interleaved, and what is judged is counted in
instructions by valgrind where that can be done. Needs Linux; valgrind for the counts.
"""
