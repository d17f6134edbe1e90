"""The peers: libraries that people use today, each run as its own documentation says.

They live in an environment of their own (`install`), and know nothing of this library:
`python -m benchmarks.peers` there takes series from one file and writes what each peer
makes of them to another. `ask` is the other end, in the library's environment.
"""
