"""A prompt that a program offers (code.interact), and a typo at it."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import code

code.interact(banner="", exitmsg="", local={})
print("went on")
