"""A bundle holds no program but the tool: there `TOOL --crashguard show ID` is `crashguard show ID`."""

import sys

if sys.argv[1:2] == ["--crashguard"]:
    del sys.argv[1]
    from crashguard.cli.main import main

    main()
