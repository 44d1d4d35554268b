"""What families ask of the class teacher: notes of absence and corrections of data, and what becomes of them."""
