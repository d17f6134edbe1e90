"""Control charts, for people who expect them; no flag of this library comes from one.

`xmr` sets limits to values, `attribute` to shares, rates and counts by their denominators;
`making_data_count` reads them by the NHS's rules, `icons` say whether it is good news, and
`rebase` proposes where limits might begin anew; `western_electric` and `runs` hold rules
that other readers of charts expect. `ewma` and `cusum` add up small changes and say how
often chance would come as far.
"""
