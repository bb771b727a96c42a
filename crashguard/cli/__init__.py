"""The `crashguard` command: what a person can see of crashguard, and decide.

    main        the group, and what becomes of errors
    consent     status, level
    reports     list, show, purge
    sending     send
    doctor      doctor: the whole path, tried once
    run         run: any Python program, its crashes reported
    scrubbing   scrub
    demo        demo: a crash to look at
    view        how a report is drawn
    apps        which apps there are, and the telemetry level of each
    output      how texts reach a terminal, a pipe or a file

    startup     what `run` puts into the program's interpreter
    programs    what `demo` and `doctor` crash

click and rich come with the extra `cli`; nothing outside of this folder imports them.
Exit status: 0 done, 1 something could not be done, 2 wrong usage.
"""
