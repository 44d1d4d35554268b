"""What there is to do today, for whoever writes lessons, leads a class, or runs the school.

Functions take ``(session, today, now)`` as they need them and give small frozen things to show. They
run in the person's session, so that the policy narrows them, and take one statement each, however
many rows there are. Whose page shows what is decided by the rights, not here.
"""
