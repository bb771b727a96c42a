"""The spool: one folder an app, one file a report or record of stats, states as folders.

folder       what every such folder can: names, moves, bounds
store        Spool: the reports of an app
reports      reading: StoredReport, lists and look-ups for people and the uploader
stats_store  the records of stats of an app; stats_records: reading them
rate_limit   how often one bug is sent from one machine
journal      what became of each report, one line each
"""
