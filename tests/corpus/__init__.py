"""A seeded corpus of made-up secrets in realistic texts, and of harmless texts that look similar.

shapes      a small language for the shape of a secret: `ghp_{a:36}`
kinds       more than 240 kinds: shape, the names it goes by, what it needs to be recognised
carriers    the notations a secret travels in
harmless    what an engineer needs and a scrubber likes to break
heldout     kinds, carriers and harmless texts of their own that no rule was tuned on
measure     recall, per-kind average, harmless changed, context kept
"""
