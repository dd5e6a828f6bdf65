"""What was known on the cut-off date, and nothing else: SDTM in, the same SDTM as of that day out.

The rules are data (standards/cut_rules.yaml); docs/methods/data-cut.md explains them.
"""

from csr.cut.rules import Rule, Rules, declared_rules
from csr.cut.sdtm import NOT_PRINTED, Cut, cut_sdtm
from csr.cut.subject_dates import fixed_days_cut

__all__ = ["NOT_PRINTED", "Cut", "Rule", "Rules", "cut_sdtm", "declared_rules", "fixed_days_cut"]
