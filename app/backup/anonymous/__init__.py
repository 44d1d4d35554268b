"""A copy of the school in which nobody is to be recognised: the same shape, invented people, no words of theirs.

``columns`` declares for every column what becomes of it, ``invention`` makes up people, ``writing`` writes the file.
"""
