"""The member portal: what members see on their phones."""
