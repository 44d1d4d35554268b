"""Pages of more statements than a page should take, with their numbers: these may only go down."""

ABOVE: dict[str, int] = {
    "/admin/": 10,
    "/admin/access/": 14,
    "/admin/control/0/": 10,
    "/admin/guardianship/edit/": 9,
    "/admin/journal/0/": 15,
    "/admin/lessoncard/0/": 10,
    "/admin/messages/0/": 14,
    "/admin/newsitem/details/": 9,
    "/admin/newyear/": 11,
    "/admin/personal-data/": 58,
    "/admin/personal-data/erase": 21,
    "/admin/plan/0/": 11,
    "/admin/reports/0/": 10,
    "/admin/schoolclass/details/": 11,
    "/admin/staff/": 19,
    "/admin/staff/leave/": 21,
    "/admin/student/details/": 14,
    "/admin/usage/": 13,
    "/admin/user/": 12,
    "/admin/user/details/": 35,
}
