"""Nothing."""


def record_task_failures():
    pass
