"""Conversations of families and staff, and announcements to the parents of a class."""
