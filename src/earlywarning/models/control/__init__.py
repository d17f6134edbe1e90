"""Control charts, for people who expect them; no flag of this library comes from one.

`xmr` sets limits, `making_data_count` reads them by the NHS's rules, and `icons` say whether
it is good news. What is known of a chart, its `limits`, is the same for all.
"""
