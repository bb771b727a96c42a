# Appended to the program of docs/frameworks.md: a worker takes the one message of the page.
worker = dramatiq.Worker(broker, worker_timeout=10)
worker.start()
work.send()
broker.join(work.queue_name)
worker.join()
worker.stop()
