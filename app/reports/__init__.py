"""Reports: figures (pure functions over rows), and the documents that are made of them.

``document.py`` says what a document is; the same one is shown on the screen, printed on A4 and given as a spreadsheet.
"""
