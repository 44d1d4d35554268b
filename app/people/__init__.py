"""Students, their guardians and where they belong: who is in which class, what their data lacks, who is who.

``placement`` is the only way into, between and out of classes; ``guardians`` recognises people the journal
knows already; ``completeness`` says what a class teacher still has to find out.
"""
