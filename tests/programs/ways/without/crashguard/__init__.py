"""What `import crashguard` finds when a program is run without us: the same names, and nothing behind them."""


def install(**settings):
    pass


def capture_exception(exc=None):
    pass


class guard:
    def __init__(self, name=None, plugin=None, reraise=True):
        pass

    def __call__(self, function):
        return function

    def __enter__(self):
        pass

    def __exit__(self, *exc):
        return False
