"""Who signs in, and what they may do: members, staff, their rights."""
