"""The command, where its script may not be started: `python -m earlywarning`."""

from earlywarning.cli import main

if __name__ == "__main__":
    main()
