# Appended to the program of docs/frameworks.md: a real server on a real socket, and a client.
import threading
import time

import httpx
import uvicorn
from fastapi import BackgroundTasks


def later():
    raise KeyError("background")


@app.get("/background")
def background(tasks: BackgroundTasks):
    tasks.add_task(later)


server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
while not server.started:
    time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
# A connection each: after a failure the server closes the one that it came over.
paths = ("/crash", "/missing", "/background")
print([httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code for path in paths])
server.should_exit = True
thread.join()
