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
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
    print([client.get(path).status_code for path in ("/crash", "/missing", "/background")])
server.should_exit = True
thread.join()
