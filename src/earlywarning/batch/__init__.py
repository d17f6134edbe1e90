"""Runs that can be left to cron: read, judge, publish whole or say why not.

`config` says what is run, `files` which files it reads, `shelf` where runs stand and which is
the latest, `lock` that one is at work at a time, `changes` what is new since the last, `run`
does it. `example` is the configuration to begin with.
"""
