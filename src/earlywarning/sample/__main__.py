"""Write the sample: `python -m earlywarning.sample FOLDER`."""

import sys

from earlywarning.sample import write_sample

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name one folder: python -m earlywarning.sample FOLDER")
    write_sample(sys.argv[1])
