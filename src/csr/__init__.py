"""csr: reproducible analysis reports for clinical trials.

The way of the data is the tree: read → cut → derive → analyse (endpoints) → display → report
(render) → package. A stage imports only itself, the leaves and stages to its left.
"""

__version__ = "0.1.0"
