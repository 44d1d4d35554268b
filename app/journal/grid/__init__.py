"""The journal page: what stands in it, and what is written into it cell by cell.

``state`` is what a page shows, ``edits`` carries out what a browser sends (see ``docs/journal-page.md``
for the protocol), ``works`` and ``history`` are what a cell and a column offer besides.
"""
