"""The staff as the deputy director sees it: what each has in hand, who has access, who leaves, who takes over."""
