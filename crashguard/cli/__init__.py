"""The `crashguard` command, with which a person sees reports and decides about telemetry.

    main        the group of commands, and the handling of errors
    mounted     some of them as commands of a tool
    status      status
    level       level
    levels      a telemetry level in words and in JSON
    reports     list, show, purge
    issue       issue
    sending     send; stats: its part about stats, and that of the other commands
    comment     comment
    doctor      doctor: a test of the whole path; machine: what it finds without one
    docs        docs: the page about telemetry for a tool's users
    run         run: any Python program, with crash reports
    scrubbing   scrub
    demo        demo: a crash to look at
    view        the text form of a report
    html        its form for a browser
    issue_form  the URL of an issue tracker's form
    desktop     the browser and the clipboard
    telemetry_page  that page, made from docs/telemetry.md
    ids         reports by the first digits of their ids
    apps        the apps on this machine, and the telemetry level of each
    command     help whose indented lines stay
    output      text for a terminal, a pipe or a file
    progress    the bar on a terminal

    startup     the `sitecustomize` that `run` puts into the program's interpreter
    programs    the programs that `demo` and `doctor` crash

    terminal    the classes that print: rich's, or those of `plain`
    plain       the same without the extra `cli`

The note after a crash names the command, so it works in every installation.
Exit status: 0 done, 1 something could not be done, 2 wrong usage.
"""
