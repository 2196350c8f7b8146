"""What changes the network and its budgets."""
