"""The spool: one folder an app, one file a report, states as folders.

store        Spool: the folder of an app, and the moves between its states
reports      reading: StoredReport, lists and look-ups for people and the uploader
rate_limit   how often one bug is sent from one machine
journal      what became of each report, one line each
"""
