"""Pages of more statements than a page should take, with their numbers: these may only go down."""

ABOVE: dict[str, int] = {
    "/admin/": 12,
    "/admin/access/": 16,
    "/admin/control/": 10,
    "/admin/control/0/": 12,
    "/admin/guardianship/": 10,
    "/admin/guardianship/details/": 9,
    "/admin/guardianship/edit/": 11,
    "/admin/journal/0/": 10,  # 8 and two more counts of the menu
    "/admin/lessoncard/0/": 10,  # 8 and two more counts of the menu
    "/admin/messages/0/": 12,  # 10 and the menu's two: noted as read, it is read again as it stands
    "/admin/newsitem/details/": 10,  # 8 and two more counts of the menu
    "/admin/newyear/": 13,
    "/admin/notifications/": 9,  # 7 and two more counts of the menu
    "/admin/personal-data/": 60,
    "/admin/personal-data/erase": 23,
    "/admin/plan/0/": 10,  # 8 and two more counts of the menu
    "/admin/reports/0/": 11,  # 9 and the menu's two: each list of choices is one, the figures, the look that is noted
    "/admin/schoolclass/details/": 13,
    "/admin/staff/": 21,
    "/admin/staff/leave/": 23,
    "/admin/student/": 10,
    "/admin/student/details/": 16,
    "/admin/student/edit/": 9,
    "/admin/support/": 9,
    "/admin/term/lock/": 10,  # 8 and two more counts of the menu
    "/admin/usage/": 15,
    "/admin/user/": 14,
    "/admin/user/details/": 37,
    "/admin/user/edit/": 9,
}
