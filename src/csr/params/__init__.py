"""What a params file can say: one model a topic; `file` reads it, `page` writes docs/params.md."""

from csr.params.groups import Level, Population, Treatment
from csr.params.params import Params, params_hash

__all__ = ["Level", "Params", "Population", "Treatment", "params_hash"]
