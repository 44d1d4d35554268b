"""Who may do what to which row, said a second time and compared with the policy on every path."""
