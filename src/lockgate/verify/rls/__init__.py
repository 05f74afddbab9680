"""Who may do what with which rows: tried out on real rows, role by role, in transactions that are rolled back."""
