"""A prompt that a program offers (code.interact), a typo at it, and then a crash of the program."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import code

code.interact(banner="", exitmsg="", local={})
raise ValueError("lost")
