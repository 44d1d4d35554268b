"""The regulation watches itself: where it is not kept, by whom, since when.

``app.regulation`` refuses what must never be; here stands what people have to do in time. ``rules.py`` is the table of
rules, ``duties.py`` what every rule gives: the cases in which something was due. The SQL of each rule stands in the
file of what it is about. Everything runs in the person's session, so that the policy narrows what is counted.
"""
