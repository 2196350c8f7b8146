"""How suppliers are spoken to: one interface, an adapter a kind of supplier."""
