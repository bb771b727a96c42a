# Appended to the program of docs/frameworks.md: the job runs once, and the scheduler waits for it.
import time

while scheduler.get_jobs():
    time.sleep(0.01)
scheduler.shutdown()
