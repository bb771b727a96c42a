"""The app itself."""


def record_app(app):
    return app
