"""`python -m csr` is `csr`."""

import sys

from csr.cli import main

if __name__ == "__main__":
    sys.exit(main())
