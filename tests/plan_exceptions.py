"""Pages whose plan goes through a large table, by kind of page, and why that may stay."""

LISTS: dict[str, set[str]] = {
    # Lists in the order of writing: the newest hundred by their number, and a count that ends at 10,000 rows.
    "deputy /admin/attendance/": {"attendance"},
    "deputy /admin/auditrecord/": {"audit_record"},
    "deputy /admin/lesson/": {"lesson"},
    "deputy /admin/mark/": {"mark"},
}
SCANNED = {"sqlite": LISTS, "postgresql": dict[str, set[str]]()}
