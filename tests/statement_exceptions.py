"""Pages of more statements than a page should take, with their numbers and the reason: these may only go down."""

ABOVE: dict[str, int] = {
    "/admin/": 13,  # a class teacher's day: own lessons, the class, its requests, rules and news, a question each
    "/admin/control/0/": 10,  # the list with its names, the rule as agreed, and what it may be narrowed by
    "/admin/guardianship/edit/": 9,  # the rights to the row, the person and the account decide which fields there are
    "/admin/lessoncard/0/": 10,  # work, files, homework of students, plan and links, each of a table of its own
    "/admin/messages/0/": 10,  # noted as read, it is read again as it stands
    "/admin/personal-data/": 13,  # one for each table that holds something of the person
    "/admin/reports/0/": 9,  # each list of choices, the figures, the look that is noted
    "/admin/staff/leave/": 12,  # everything that a person has in hand, of eleven tables, and who could take it
    "/admin/student/": 9,  # for a class teacher also which of the rows are theirs to change
    "/admin/student/details/": 11,  # parents, classes and groups come apart: joined, they would multiply
    "/admin/user/details/": 12,  # sessions, journals, classes, substitutions, handovers, roles, histories
    "/diary/data/": 11,  # everything the school holds about a child, table by table
    "/diary/messages/0/": 10,  # as in the panel
}

SECOND_PAGE = 1  # a list that has come to a second page counts its rows
MORE: dict[str, int] = {
    "/admin/dataaccess/": 2,  # names: one for each kind of row that is told of
    "/admin/guardianship/": SECOND_PAGE,
    "/admin/plan/": 2,  # more plans than a page shows are chosen by class
    "/admin/teachingassignment/": SECOND_PAGE,
    "/admin/timetableslot/": SECOND_PAGE,
}
"""By how much pages grow in a school of twice the rows: once, not with each row."""
