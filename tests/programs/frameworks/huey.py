# Appended to the program of docs/frameworks.md: the task of the page is run, and its result is asked for.
import huey.exceptions

result = work()
huey_ = __import__("__main__").__dict__["work"].huey
huey_.execute(huey_.dequeue())
try:
    result.get()
except huey.exceptions.TaskException as error:
    print(error)
