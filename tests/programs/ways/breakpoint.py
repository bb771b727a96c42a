"""A debugger's prompt in the middle of the program, a typo at it, and then a crash of the program."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


def work():
    breakpoint()
    raise ValueError("lost")


work()
