"""Pages whose plan goes through a large table, by kind of page, and why that may stay."""

SCANNED: dict[str, set[str]] = {
    # Lists in the order of writing: the newest hundred by their number, and a count that ends at 10,000 rows.
    "deputy /admin/attendance/": {"attendance"},
    "deputy /admin/auditrecord/": {"audit_record"},
    "deputy /admin/lesson/": {"lesson"},
    "deputy /admin/mark/": {"mark"},
}
