"""The `crashguard` command, with which a person sees reports and decides about telemetry.

    main        the group of commands, and the handling of errors
    consent     status, level
    reports     list, show, purge
    sending     send
    doctor      doctor: a test of the whole path
    run         run: any Python program, with crash reports
    scrubbing   scrub
    demo        demo: a crash to look at
    view        the text form of a report
    apps        the apps on this machine, and the telemetry level of each
    output      text for a terminal, a pipe or a file

    startup     the `sitecustomize` that `run` puts into the program's interpreter
    programs    the programs that `demo` and `doctor` crash

click and rich come with the extra `cli`.
Exit status: 0 done, 1 something could not be done, 2 wrong usage.
"""
