"""Controls and other widgets of general use, one in each file, and what binds them."""
